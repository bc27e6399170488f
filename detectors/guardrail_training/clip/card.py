"""The embedded model's card: what it is, what it is made of, how good it is, where it fails."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from guardrail_detectors.weights import Manifest
from guardrail_training.clip.config import EmbeddedConfig
from guardrail_training.clip.icons import rules
from guardrail_training.clip.measure import SHIPPED_SCORE
from guardrail_training.clip.scenery import PHOTOGRAPHS, SAMPLES
from guardrail_training.text_guard.card import table

_INTRODUCTION = """# {name} {version}

A small CLIP that sees **pictograms, drawings and signs**. Its training adds no photograph of
anything unsafe: no openly licensed set of such photographs exists that weights may be trained on
and given away. The demo and the tests run on it. For photographs pull a CLIP:
`guardrail models pull`.

- Licence: {licence}. Text tower: {base}, Apache-2.0, frozen, {words} of its word pieces, weights in
  four bits. Picture tower: timm's `{tower}` in eight bits, {started}.
- Sees squares of {size} pixels; embeddings have {width} values.
- Trained by: `{command}`; `--base FOLDER` takes the text tower from a folder, `--tower FILE`
  the picture tower's first weights from a file.
- Locked-text training (LiT, arXiv:2111.07991): each picture is pulled to the frozen embedding of
  its caption and away from all others; a head for each category learns along. The heads that ship
  are fitted anew on the exported tower's embeddings and calibrated on other pictures (Platt).
"""

_CATEGORIES = """
## Categories

- `weapons`: guns, blades made or held as weapons, kitchen knives, axes, bombs, grenades,
  ammunition. Not: cutlery with a plate, tools, water pistols.
- `fire`: open flames larger than a candle's, campfires included, and explosions. Not: candles,
  lamps, sunsets, fireworks, fire engines and extinguishers.
- `drugs`: pills, syringes, powder, cannabis, cigarettes: what may be medicine is not told apart
  from what is not. Not: sweets, pens, thermometers.
- `hazard_sign`: warning triangles and diamonds, radiation, biohazard, poison, high voltage.
- `graphic_violence`: blood, wounds, killed or injured figures, as drawings.
"""

_ASIDE = """
## Families that training never saw

Whole icon packages, other hands than those that were learnt from, and drawings were kept aside.
AUROC is against harmless pictures of the same families; intervals are 95 %, concepts resampled.

Icons ({packages}, and a quarter of the concepts of game-icons):

"""

_APART = """
Drawings that were made without sight of those that train:

"""

_DRAWN = """
## Drawings kept aside

The versions before the fifth were judged by these. What those missed was then drawn for training in
other shapes (blister packs, bottles of pills, bongs, heaps of powder, missiles, grenades with
handles), so these figures say less of strangers than those above:

"""

_ZERO_SHOT = """
## Concepts that training never saw

Pictures of {concepts} concepts that no package showed in training, {pictures} pictures, found by
their names as prompts: the right one is first in {top_1}, among the first five in {top_5} (chance
{chance_top_5}); with {competing} more concepts to choose from, among the first five in
{top_5_with_competing}.
"""

_PHOTOGRAPHS = """
## Photographs

Measured, not trained nor calibrated on, as the detector looks at them: the whole picture and five
tiles, the highest score counts. "Flagged" is the share of ordinary photographs that reach a score
of {score}, which is the threshold of the policies and was chosen on these sets, and the thresholds
at a false-positive rate of 0.1 % (below).

"""

_LIMITS = """
## Limits

- Photographs: see above. A low score on a photograph says nothing.
- Toys, tools and instruments drawn like weapons are taken for weapons, and the other way round.
- A word says nothing about what is seen: the name of a weapon written in letters is harmless here.
- Blood in other colours than red, fire without red or yellow, is found by its outline or not.
- Small things: what fills less than a third of the picture is seen only through tiles.
- Nudity, hate symbols, self-harm: no head; there is nothing here to learn them from.
- Prompts: the text tower knows English sentences; what a prompt finds is only as good as the
  pictograms that carry that name.
"""


def write_card(folder: Path, config: EmbeddedConfig, manifest: Manifest) -> None:
    """``MODEL_CARD.md`` with the figures of ``manifest``."""
    metrics = manifest.metrics
    aside = [name for name in metrics["licences"] if name in _aside()]
    sections = [
        _INTRODUCTION.format(
            name=manifest.name,
            version=manifest.version,
            licence=manifest.licence,
            base=config.base,
            words=config.words,
            tower=config.tower,
            started=_started(config, metrics.get("tower_weights", {})),
            size=config.size,
            width=manifest.parameters["embedding"],
            command=manifest.training_command,
        ),
        f"- {config.note}\n" if config.note else "",
        _CATEGORIES,
        _ASIDE.format(packages=", ".join(aside)),
        table("category", metrics["icons_left_out"]),
        _APART,
        table("category", metrics["drawings_made_apart"]),
        _DRAWN,
        table("category", metrics["drawings_left_out"]),
        _ZERO_SHOT.format(**metrics["zero_shot"]),
        _PHOTOGRAPHS.format(score=SHIPPED_SCORE),
        _photographs(metrics["photographs"]),
        _thresholds(manifest),
        f"\nLeast cosine to torch: {metrics['least_cosine_to_torch']}.\n",
        _LIMITS,
        _data(manifest),
    ]
    (folder / "MODEL_CARD.md").write_text("".join(sections), "utf-8")


def _started(config: EmbeddedConfig, source: Mapping[str, str]) -> str:
    """What the picture tower was before the run."""
    if not source:
        return "trained here from random weights"
    digest = f", SHA-256 `{source['sha256']}`" if "sha256" in source else ""
    kept = f"; all but its {config.layers} topmost groups of layers keep them" * bool(config.layers)
    return f"its first weights `{source['name']}` ({config.tower_licence}{digest}){kept}"


def _photographs(sets: Mapping[str, Any]) -> str:
    lines = []
    for name, told in sets.items():
        fire = told.get("fire")
        said = f"- {name}: {told['pictures']} pictures, {told['of_fire']} of them of fire"
        if fire:
            low, high = fire["interval_95"]
            said += f"; AUROC of `fire` {fire['auroc']} ({low} to {high})"
        for key, shares in told.items():
            if key.startswith("flagged"):
                said += f"; {key}: " + ", ".join(f"{c} {one:.1%}" for c, one in shares.items())
        lines.append(said + ".\n")
    return "".join(lines) or "Not measured.\n"


def _thresholds(manifest: Manifest) -> str:
    rows = {
        f"{one.label} at {one.false_positive_rate:.1%}": {
            "score": round(one.score, 3),
            "interval 95 of the rate": f"{one.interval_95[0]:.2%} to {one.interval_95[1]:.2%}",
        }
        for one in manifest.thresholds
    }
    on = manifest.thresholds[0].calibrated_on if manifest.thresholds else "nothing"
    return f"\n## Thresholds\n\nOn {on}.\n\n{table('category', rows)}"


def _data(manifest: Manifest) -> str:
    counts = ", ".join(
        f"{one} {name.replace('_', ' ')}" for name, one in manifest.training_data.items()
    )
    icons = "".join(f"- {name}: {said}\n" for name, said in manifest.metrics["licences"].items())
    photos = "".join(f"- {name}: {said}\n" for name, said in {**PHOTOGRAPHS, **SAMPLES}.items())
    return (
        f"\n## Data\n\n{counts}.\n\nThe project's own drawings (`guardrail_training/clip/draw`), "
        "Apache-2.0. Icons, rendered at training time and not kept:\n\n"
        f"{icons}\nBackgrounds: the screenshots of `images/ui_docs` (Apache-2.0 and MIT), and the "
        f"photographs that scikit-image and scikit-learn bring:\n\n{photos}"
    )


def _aside() -> frozenset[str]:
    return frozenset(name for name, one in rules().packages.items() if one.aside)
