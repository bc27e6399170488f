"""Probes: the inputs beside a policy that show what it does, and how their pictures are drawn."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Annotated, Any, Literal

from PIL import Image, ImageDraw, ImageFont
from pydantic import Field, RootModel, StringConstraints, model_validator

from guardrail.errors import PolicyError
from guardrail.policy import read_document
from guardrail.policy_fields import Name, Words
from guardrail.policy_parts import PolicyModel
from guardrail.policy_problems import validated
from guardrail.policy_yaml import Problem
from guardrail.types import Action, Side

Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
Pixels = Annotated[int, Field(strict=True, ge=16, le=4096)]

_MARGIN_PX = 16


Point = tuple[Annotated[int, Field(strict=True, ge=-4096, le=8192)], ...]


class Shape(PolicyModel):
    """A filled outline: what a picture shows, where words would not do."""

    points: tuple[Annotated[Point, Field(min_length=2, max_length=2)], ...] = Field(
        min_length=2, max_length=256
    )
    """Corners [x, y] in pixels; of an ellipse the two opposite ones of its box."""
    kind: Literal["polygon", "ellipse"] = "polygon"
    """What they are corners of."""
    fill: Colour
    """Of its inside."""

    @model_validator(mode="after")
    def _has_enough_corners(self) -> Shape:
        if (len(self.points) == 2) != (self.kind == "ellipse"):
            raise ValueError("an ellipse has two points, a polygon three or more")
        return self


class ProbeImage(PolicyModel):
    """A picture of a text, of shapes, or of both on a plain ground."""

    text: Words | None = None
    """What stands in the picture; wrapped to its width."""
    shapes: tuple[Shape, ...] = Field(default=(), max_length=64)
    """Drawn in their order, below the text."""
    size: tuple[Pixels, Pixels] = (800, 600)
    """Width and height in pixels."""
    font_px: int = Field(default=28, strict=True, ge=6, le=400)
    """Height of the letters in pixels."""
    color: Colour = "#000000"
    """Of the letters."""
    background: Colour = "#ffffff"
    """Of the ground."""

    @model_validator(mode="after")
    def _shows_something(self) -> ProbeImage:
        if self.text is None and not self.shapes:
            raise ValueError("shows nothing: give text or shapes")
        return self


class ProbeInput(PolicyModel):
    """What is sent: a text, chat messages, a picture, or several of them in one request."""

    text: Words | None = None
    """A user's text; on the output side, the model's."""
    messages: tuple[dict[str, Any], ...] | None = Field(default=None, min_length=1)
    """Messages of an OpenAI chat request."""
    image: ProbeImage | None = None
    """Drawn when the probe runs."""
    system: Words | None = None
    """On the output side, what the model was told by its application."""

    @model_validator(mode="after")
    def _sends_something(self) -> ProbeInput:
        if self.text is None and self.messages is None and self.image is None:
            raise ValueError("sends nothing: give text, messages or image")
        return self


class Expect(PolicyModel):
    """What the policy is to do."""

    action: Literal["allow", "flag", "redact", "revise", "block"]
    """The severest action of the side's stages; revise is not carried out."""
    category: Words | None = None
    """A category that one of the findings that led to the action has."""

    @property
    def severity(self) -> Action:
        """``action`` as the core compares it."""
        return Action[self.action.upper()]

    @model_validator(mode="after")
    def _allows_without_reason(self) -> Expect:
        if self.action == "allow" and self.category is not None:
            raise ValueError("allow has no category: no rule matched; delete the category")
        return self


class Probe(PolicyModel):
    """One input, what the policy is to do with it, and why."""

    id: Name
    """Unique in its file."""
    input: ProbeInput
    """What is sent."""
    side: Side = "input"
    """Which stages judge it."""
    answers: tuple[Words, ...] = ()
    """What a model answers that a stage asks, in order, the last one ever again; {check} becomes
    the question's check word. Without any, a stage that asks fails: probes have no upstream."""
    expect: Expect
    """What they are to do."""
    objective: Words
    """What goes unnoticed when this probe fails."""

    @model_validator(mode="after")
    def _replies_in_text(self) -> Probe:
        given = self.input
        if self.side == "output" and (given.text is None or given.messages or given.image):
            raise ValueError("side output judges a reply: give input.text and nothing else")
        if self.side == "input" and self.answers:
            raise ValueError("answers are for stages over replies: give side output")
        return self


class ProbeFile(RootModel[tuple[Probe, ...]]):
    """All probes of a policy, in the file's order."""


def load_probes(path: str | Path) -> tuple[Probe, ...]:
    """The probes of a ``*.probes.yaml``.

    Raises:
        PolicyError: It is wrong; one line for each problem, with file, line and column.
    """
    document = read_document(Path(path))
    probes = validated(document, ProbeFile).root
    first: dict[str, int] = {}
    problems = [
        Problem((index, "id"), f"{probe.id!r} is the id of probe {first[probe.id]} already")
        for index, probe in enumerate(probes)
        if first.setdefault(probe.id, index) != index
    ]
    if problems:
        raise document.error(problems)
    return probes


def probe_image(spec: ProbeImage) -> bytes:
    """The PNG of ``spec``, drawn with Pillow's own font; the same bytes every time.

    Raises:
        PolicyError: The text does not fit, so that the probe would test something else.
    """
    image = Image.new("RGB", spec.size, spec.background)
    draw = ImageDraw.Draw(image)
    for shape in spec.shapes:
        (draw.polygon if shape.kind == "polygon" else draw.ellipse)(
            [(float(x), float(y)) for x, y in shape.points], fill=shape.fill
        )
    if spec.text is not None:
        _write(draw, spec, spec.text)
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _write(draw: ImageDraw.ImageDraw, spec: ProbeImage, words: str) -> None:
    font = ImageFont.load_default(spec.font_px)
    width, height = spec.size
    text = "\n".join(_wrapped(words, font, width - 2 * _MARGIN_PX))
    _, _, right, bottom = draw.multiline_textbbox((_MARGIN_PX, _MARGIN_PX), text, font)
    if right > width or bottom > height:
        raise PolicyError(
            f"a picture of {width}x{height} does not hold {words[:60]!r} at {spec.font_px} px; "
            f"it takes {right:.0f}x{bottom:.0f}: make size larger or font_px smaller"
        )
    draw.multiline_text((_MARGIN_PX, _MARGIN_PX), text, spec.color, font)


def _wrapped(
    text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int
) -> list[str]:
    lines: list[str] = []
    for paragraph in text.splitlines():
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}" if line else word
            if line and font.getlength(longer) > width:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return lines
