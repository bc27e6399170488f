"""Pictures judged by what they show: trained heads and plain sentences on a CLIP's embedding."""

from __future__ import annotations

from guardrail_detectors.unsafe_image.config import Category, UnsafeImageConfig
from guardrail_detectors.unsafe_image.detector import UnsafeImage

__all__ = ["Category", "UnsafeImage", "UnsafeImageConfig"]
