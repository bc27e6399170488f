"""Files are read and judged as a message would be: PDF, SVG, plain text, Markdown, CSV, JSON."""

from __future__ import annotations

from guardrail_detectors.document_injection.config import DocumentInjectionConfig
from guardrail_detectors.document_injection.detector import DocumentInjection

__all__ = ["DocumentInjection", "DocumentInjectionConfig"]
