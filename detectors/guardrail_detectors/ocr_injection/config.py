"""The settings of ``ocr_injection``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from guardrail_detectors.ocr_injection.downscales import ALL_SIDES, SIDES, Upstream
from guardrail_detectors.ocr_injection.engine import EngineName
from guardrail_detectors.ocr_injection.planning import ALL_VIEWS, ViewName

Side = Annotated[int, Field(ge=64, le=4096)]


def _with_native(views: tuple[ViewName, ...]) -> tuple[ViewName, ...]:
    if "native" not in views:
        raise ValueError("native is missing: add it; the other views are planned from it")
    return views


class OcrInjectionConfig(BaseModel):
    """The ``with:`` block of ``ocr_injection``.

    Attributes:
        engine: ``rapidocr``, or ``easyocr`` (extra ``easyocr``, torch).
        languages: Codes that the engine knows; an unknown one is refused with the list.
        weights: Folder of the engine's model files; by default where its package keeps them.
        max_side: Longest side in pixels of what the engine is shown; larger pictures are shown
            whole and in tiles.
        max_frames: Frames of an animation that are read, evenly chosen.
        views: Kinds of views that may be shown: ``native`` always is; ``contrast`` raises what is
            faint in each; ``provider_downscale`` and ``upscale`` add some where signs ask for them.
        upstreams: To which sizes pictures are scaled down behind the guard: names of upstreams, or
            long sides in pixels. Fewer of them cost less and see less.
        threads: CPU threads of one reading (rapidocr).
        text_model: Name of the text model that scores what was read.
        certainty: Whether a passage counts for less that was read uncertainly (rapidocr): in full
            from a mean probability of its characters of 0.92, 0.72 times as much below 0.83.
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
    max_frames: Annotated[int, Field(ge=1, le=64)] = 24
    views: Annotated[tuple[ViewName, ...], AfterValidator(_with_native)] = ALL_VIEWS
    upstreams: tuple[Upstream | Side, ...] = ALL_SIDES
    threads: Annotated[int, Field(ge=1, le=64)] = 2
    text_model: str = "text_guard_encoder"
    certainty: bool = True
    joint: bool = True
    codes: bool = True
    metadata: bool = True

    @property
    def sides(self) -> tuple[int, ...]:
        """Long sides in pixels to which ``upstreams`` scale, each once."""
        named = (SIDES[one] if isinstance(one, str) else (one,) for one in self.upstreams)
        return tuple(sorted({side for sides in named for side in sides}))
