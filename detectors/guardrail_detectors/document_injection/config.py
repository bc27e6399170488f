"""The settings of ``document_injection``."""

from __future__ import annotations

from typing import Self

from pydantic import ConfigDict, model_validator

from guardrail_detectors.ocr_injection import OcrInjectionConfig

OF_PICTURES = ("joint", "max_frames", "metadata")
"""Settings of ``ocr_injection`` that mean nothing for files."""


class DocumentInjectionConfig(OcrInjectionConfig):
    """The ``with:`` block of ``document_injection``: how drawn pages are read.

    The keys are those of ``ocr_injection`` but for ``joint``, ``max_frames`` and ``metadata``,
    which are of pictures alone: every page is looked at, its notes and the file's properties are
    read, and no words beside a file are judged with it. The policy's ``documents:`` says how much
    is read.

    Attributes:
        look: Whether pages are read as they are drawn, too. Without it a page's letters may stand
            for others than the file says, and scanned pages and codes are not read at all.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    look: bool = True

    @model_validator(mode="after")
    def _of_files(self) -> Self:
        for name in OF_PICTURES:
            if name in self.model_fields_set:
                raise ValueError(f"{name} is of pictures and means nothing for files: leave it out")
        return self
