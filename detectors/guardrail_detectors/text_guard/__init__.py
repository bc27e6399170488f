"""Texts judged by a trained classifier: prompt injection, jailbreaks, hazards."""

from __future__ import annotations

from guardrail_detectors.text_guard.detector import TextGuard, TextGuardConfig

__all__ = ["TextGuard", "TextGuardConfig"]
