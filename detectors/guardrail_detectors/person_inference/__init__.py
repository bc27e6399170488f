"""Questions about who a pictured person is, or what they are: identity and ungrounded inference."""

from __future__ import annotations

from guardrail_detectors.person_inference.detector import PersonInference, PersonInferenceConfig

__all__ = ["PersonInference", "PersonInferenceConfig"]
