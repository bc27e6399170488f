"""What goes wrong when a CLIP is trained or exported."""

from __future__ import annotations

from guardrail.errors import GuardrailError


class ClipTrainingError(GuardrailError):
    """A setting, picture, label, icon package or model that cannot be used, and the remedy."""
