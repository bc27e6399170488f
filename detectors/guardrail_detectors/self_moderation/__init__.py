"""A model is asked whether a reply breaks a principle: the one that wrote it, or another."""

from guardrail_detectors.self_moderation.config import SelfModerationConfig
from guardrail_detectors.self_moderation.detector import SelfModeration

__all__ = ["SelfModeration", "SelfModerationConfig"]
