"""Pictures as a CLIP model was trained to see them: resized, cropped, normalised.

What open_clip's ``PreprocessCfg`` describes, computed with Pillow, whose filters open_clip itself
uses: bicubic and bilinear with the support widened when a picture shrinks (antialiasing).
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from pydantic import BaseModel, ConfigDict, Field

from guardrail.detector import Pixels

Tensor = NDArray[np.float32]
"""A picture for the network: shape (3, size, size), red first, normalised."""

_FILTERS = {"bicubic": Pillow.Resampling.BICUBIC, "bilinear": Pillow.Resampling.BILINEAR}

Three = tuple[float, float, float]
_Positive = Annotated[float, Field(gt=0)]


class Preprocess(BaseModel):
    """``preprocess.json``: what is done to a picture before the network sees it.

    Attributes:
        size: Pixels of a side of what the network sees.
        resize: ``shortest``: the short side becomes ``size`` and the middle of the long side is
            kept; ``squash``: both sides become ``size``; ``longest``: the long side becomes
            ``size`` and the rest is filled.
        interpolation: The filter.
        mean: Subtracted from red, green, blue in [0, 1].
        std: Divided by, after that.
        fill: Grey level in [0, 255] around a picture under ``longest``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    size: Annotated[int, Field(ge=16, le=1024)]
    resize: Literal["shortest", "squash", "longest"]
    interpolation: Literal["bicubic", "bilinear"] = "bicubic"
    mean: Three
    std: tuple[_Positive, _Positive, _Positive]
    fill: Annotated[int, Field(ge=0, le=255)] = 0

    def __call__(self, pixels: Pixels) -> Tensor:
        """``pixels`` as the network sees them.

        Args:
            pixels: RGB as displayed, shape (height, width, 3), one pixel at least.
        """
        picture = Pillow.fromarray(pixels)
        match self.resize:
            case "squash":
                seen = picture.resize((self.size, self.size), _FILTERS[self.interpolation])
            case "shortest":
                seen = self._middle(picture)
            case "longest":
                seen = self._padded(picture)
        values = np.asarray(seen, np.float32) * np.float32(1 / 255)  # (size, size, 3)
        normal = (values - np.array(self.mean, np.float32)) / np.array(self.std, np.float32)
        return np.ascontiguousarray(normal.transpose(2, 0, 1))  # (3, size, size)

    def _middle(self, picture: Pillow.Image) -> Pillow.Image:
        """The middle square, resized alone: a strip of 16 000 by 10 would be 80 megapixels.

        Pillow looks beyond a region for the filter's support, so this equals resizing the whole and
        cutting out the middle. Across first and then down, as Pillow itself goes: given a region
        of both directions at once it rounds otherwise.
        """
        width, height = picture.size
        across, wide = self._span(width, min(picture.size))
        down, high = self._span(height, min(picture.size))
        kind = _FILTERS[self.interpolation]
        narrow = picture.resize((self.size, height), kind, (across, 0, wide, height))
        return narrow.resize((self.size, self.size), kind, (0, down, self.size, high))

    def _span(self, side: int, short: int) -> tuple[float, float]:
        """Where on a side the middle begins and ends, in pixels of the picture."""
        resized = int(self.size * side / short)
        start = round((resized - self.size) / 2)
        scale = side / resized
        return start * scale, min(side, (start + self.size) * scale)

    def _padded(self, picture: Pillow.Image) -> Pillow.Image:
        ratio = max(picture.size) / self.size
        width, height = (max(1, round(side / ratio)) for side in picture.size)
        resized = picture.resize((width, height), _FILTERS[self.interpolation])
        canvas = Pillow.new("RGB", (self.size, self.size), (self.fill,) * 3)
        canvas.paste(resized, ((self.size - width) // 2, (self.size - height) // 2))
        return canvas
