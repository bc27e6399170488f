"""The settings of ``ocr_injection``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from guardrail_detectors.ocr_injection.engine import EngineName


class OcrInjectionConfig(BaseModel):
    """The ``with:`` block of ``ocr_injection``.

    Attributes:
        engine: ``rapidocr``, or ``easyocr`` (extra ``easyocr``, torch).
        languages: Codes that the engine knows; an unknown one is refused with the list.
        weights: Folder of the engine's model files; by default where its package keeps them.
        max_side: Longest side in pixels of what the engine is shown; larger pictures are shown
            whole and in tiles.
        max_frames: Frames of an animation that are read, evenly chosen.
        threads: CPU threads of one reading (rapidocr).
        text_model: Name of the text model that scores what was read.
        joint: Whether what the pictures of a message say is also scored together with the user's
            words beside them: a harmless request and a harmless list may be an attack.
        codes: Whether QR codes and other barcodes are read.
        metadata: Whether texts in the file around the pixels are read: EXIF, XMP, IPTC, comments.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    engine: EngineName = "rapidocr"
    languages: Annotated[tuple[str, ...], Field(min_length=1)] = ("en", "ch")
    weights: Path | None = None
    max_side: Annotated[int, Field(ge=512, le=4096)] = 2048
    max_frames: Annotated[int, Field(ge=1, le=64)] = 8
    threads: Annotated[int, Field(ge=1, le=64)] = 2
    text_model: str = "text_guard_encoder"
    joint: bool = True
    codes: bool = True
    metadata: bool = True
