"""Text in pictures is read and judged as a message would be: typographic prompt injection."""

from __future__ import annotations

from guardrail_detectors.ocr_injection.config import OcrInjectionConfig
from guardrail_detectors.ocr_injection.detector import OcrInjection
from guardrail_detectors.ocr_injection.engine import Line, OcrEngine, load_engine
from guardrail_detectors.ocr_injection.judging import Scorer
from guardrail_detectors.ocr_injection.reading import Reading, read_pages

__all__ = [
    "Line",
    "OcrEngine",
    "OcrInjection",
    "OcrInjectionConfig",
    "Reading",
    "Scorer",
    "load_engine",
    "read_pages",
]
