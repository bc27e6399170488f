"""What a run for the embedded model draws from: icons, drawings and backgrounds, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from guardrail_training.clip.bank import Bank, calibrates, held_back, of_icons
from guardrail_training.clip.compose import Palette
from guardrail_training.clip.config import EmbeddedConfig
from guardrail_training.clip.draw.catalogue import Drawing, drawings
from guardrail_training.clip.errors import ClipTrainingError
from guardrail_training.clip.icons import Icon, bare, read_icons, rules
from guardrail_training.clip.scenery import photographs, screenshots
from guardrail_training.clip.tower import Tower, Weights
from guardrail_training.text_guard.gather import progress_bar


@dataclass(frozen=True, slots=True)
class Places:
    """Where a run reads and writes.

    Attributes:
        icons: Folder that npm installed the icon packages into.
        data: Folder of data sets.
        out: The model folder.
        work: Folder for what is kept between runs; None for a temporary one.
        base: Sentence encoder instead of the settings'.
        log: CSV of losses.
        tower: File of the picture tower's first weights; None to have timm download them.
    """

    icons: Path
    data: Path
    out: Path
    work: Path | None = None
    base: str | None = None
    log: Path | None = None
    tower: Path | None = None


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that a run draws from.

    Attributes:
        icons: All icons.
        palette: Photographs and screenshots for backgrounds.
        drawings: Those that train.
    """

    icons: Sequence[Icon]
    palette: Palette
    drawings: Sequence[Drawing]

    @property
    def learnt(self) -> list[Icon]:
        """Icons that train."""
        return [one for one in self.icons if not (one.aside or held_back(one) or calibrates(one))]

    def strange(self, icons: Sequence[Icon]) -> list[Icon]:
        """Those whose concept is not learnt under a name that a style or a drawing gives it."""
        known = {bare(one.concept, rules()) for one in self.learnt}
        known |= {said.removeprefix("a ") for one in self.drawings for said in one.says}
        return [one for one in icons if bare(one.concept, rules()) not in known]


def gathered(config: EmbeddedConfig, places: Places) -> Material:
    """What is needed, read and counted but not drawn.

    Raises:
        ClipTrainingError: Icons or pictures are missing; the message says how to get them. Or
            there is no such picture tower.
    """
    tower_of(config, places).check()
    icons = read_icons(places.icons, rules())
    scenery = [*photographs() * 4, *screenshots(places.data / config.screenshots)]
    every = any(cycle.drawings == "all" for cycle in config.cycles)
    drawn = [one for one in drawings() if not one.aside and (every or not one.later)]
    return Material(icons, Palette(scenery), drawn)


def planned(config: EmbeddedConfig, material: Material) -> dict[str, int]:
    """What a run would do, in numbers."""
    steps = sum(cycle.steps for cycle in config.cycles)
    return {
        "icons": len(material.learnt),
        "drawings": len(material.drawings),
        "drawn_sprites": sum(one.share for one in material.drawings) * config.drawn_each,
        "backgrounds": len(material.palette.scenery),
        "steps": steps,
        "pictures": sum(cycle.steps * cycle.batch for cycle in config.cycles),
    }


def tower_of(config: EmbeddedConfig, places: Places) -> Tower:
    """The picture tower before the run.

    Raises:
        ClipTrainingError: A file of weights is given for a tower that starts with random ones.
    """
    if places.tower and not config.pretrained:
        raise ClipTrainingError("--tower: these settings start with random weights (pretrained)")
    first: Weights = (places.tower or "timm") if config.pretrained else "random"
    return Tower(config.tower, config.size, first, config.layers)


def rendered(icons: Sequence[Icon], work: Path) -> Bank:
    """Sprites of ``icons``, kept in ``work`` for the next run."""
    with progress_bar() as progress:
        task = progress.add_task("rendering icons", total=len(icons))
        return of_icons(icons, work / "icons", lambda: progress.advance(task))


def some(icons: Sequence[Icon], harmless: int) -> list[Icon]:
    """All dangerous icons and about ``harmless`` others, evenly taken."""
    plain = [one for one in icons if not one.categories]
    step = max(1, len(plain) // harmless)
    kept = {id(one) for one in plain[::step]}
    return [one for one in icons if one.categories or id(one) in kept]
