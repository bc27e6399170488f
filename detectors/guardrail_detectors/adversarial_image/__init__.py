"""Pictures computed to mislead a vision encoder: what a CLIP says of them does not last."""

from __future__ import annotations

from guardrail_detectors.adversarial_image.detector import AdversarialImage, AdversarialImageConfig

__all__ = ["AdversarialImage", "AdversarialImageConfig"]
