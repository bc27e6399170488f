"""Nakedness found by NudeNet's network, where its package is installed (extra ``nudity``)."""

from __future__ import annotations

from guardrail_detectors.nudity.detector import Nudity, NudityConfig

__all__ = ["Nudity", "NudityConfig"]
