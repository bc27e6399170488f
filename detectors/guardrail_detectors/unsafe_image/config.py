"""The ``with:`` block of ``unsafe_image``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from guardrail.errors import ModelError
from guardrail_detectors.clip import Device
from guardrail_detectors.clip.known import AUTO
from guardrail_detectors.unsafe_image.prompts import NEGATIVES, SHIPPED

Sentence = Annotated[
    str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True, pattern=r"\S")
]
CategoryName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]

_MOST = 64
Sentences = Annotated[tuple[Sentence, ...], Field(min_length=1, max_length=_MOST)]


class Category(BaseModel):
    """A category in sentences.

    Attributes:
        prompts: What its pictures show; the likest counts.
        negatives: What looks alike and is harmless: ``a photo of a water pistol``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompts: Sentences
    negatives: Annotated[tuple[Sentence, ...], Field(max_length=_MOST)] = ()


class UnsafeImageConfig(BaseModel):
    """The ``with:`` block of ``unsafe_image``.

    Attributes:
        model: ``auto`` for the best installed CLIP, else the embedded one; or a model's name or
            folder.
        variant: Which weights of the model; None for its own choice.
        device: ``cuda`` must be there when asked for; ``auto`` takes the best there is.
        shipped: Those of the categories that need no sentences that are judged; None for all.
        categories: More categories: sentences alone, or with negatives of their own. One with a
            shipped category's name takes its place.
        negatives: What ordinary pictures show; every category is weighed against them.
        tiles: Parts of a picture that are looked at besides the whole, for small objects.
        max_frames: Frames of an animation that are looked at, evenly chosen.
        mask_text: Whether the text in a picture is painted over before it is judged: a word on a
            sticker turns a CLIP's mind.
        threads: CPU threads of one run; None for as many as there are processors, four at most.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: Annotated[str, StringConstraints(min_length=1)] = AUTO
    variant: Literal["fp32", "fp16", "int8"] | None = None
    device: Device = "auto"
    shipped: tuple[CategoryName, ...] | None = None
    categories: Annotated[Mapping[CategoryName, Sentences | Category], Field(max_length=_MOST)] = (
        Field(default_factory=dict)
    )
    negatives: Sentences = NEGATIVES
    tiles: Annotated[int, Field(ge=0, le=64)] = 5
    max_frames: Annotated[int, Field(ge=1, le=64)] = 8
    mask_text: bool = True
    threads: Annotated[int, Field(ge=1, le=64)] | None = None

    def judged(self, heads: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, Category]]:
        """The heads that are used, and all categories judged by sentences.

        Args:
            heads: Categories that the model has trained heads for.

        Raises:
            ModelError: ``shipped`` names what is no shipped category.
        """
        own = {
            name: one if isinstance(one, Category) else Category(prompts=one)
            for name, one in self.categories.items()
        }
        known = dict.fromkeys([*heads, *SHIPPED])
        strange = [name for name in self.shipped or () if name not in known]
        if strange:
            raise ModelError(
                f"unsafe_image: with: shipped: no shipped category {strange[0]!r}; there are: "
                f"{', '.join(known)}; write your own under categories: as sentences"
            )
        chosen = known if self.shipped is None else self.shipped
        wanted = [name for name in chosen if name not in own]
        trained = tuple(name for name in wanted if name in heads)
        written = {
            name: Category(prompts=SHIPPED[name].prompts, negatives=SHIPPED[name].negatives)
            for name in wanted
            if name not in heads
        }
        return trained, {**written, **own}
