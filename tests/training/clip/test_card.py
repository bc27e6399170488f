from __future__ import annotations

import json

import pytest

from guardrail_detectors.weights import Manifest, Threshold, load_model_folder
from guardrail_training.clip.card import write_card
from tests.detectors.clip.tiny import clip_folder
from tests.training.clip.tiny import settings

ROW = {
    "concepts": 3,
    "pictures": 9,
    "harmless": 20,
    "auroc": 0.91,
    "interval_95": [0.8, 0.97],
    "auroc_against_all_others": 0.9,
}
METRICS = {
    "least_cosine_to_torch": {"text": 1.0, "int8": 0.998},
    "licences": {"mdi": "Icons by Somebody, Apache-2.0", "tabler": "Tabler by Them, MIT"},
    "icons_left_out": {"weapons": ROW},
    "drawings_left_out": {"fire": ROW | {"auroc": 0.88}},
    "drawings_made_apart": {"drugs": ROW | {"auroc": 0.77}},
    "zero_shot": {
        "concepts": 40,
        "pictures": 80,
        "top_1": 0.2,
        "top_5": 0.5,
        "chance_top_5": 0.125,
        "competing": 500,
        "top_5_with_competing": 0.1,
    },
    "photographs": {
        "fire_cair": {
            "pictures": 170,
            "of_fire": 100,
            "fire": {"auroc": 0.6, "interval_95": [0.5, 0.7]},
            "flagged at score 0.8": {"fire": 0.01, "any": 0.02},
        },
        "photos": {"pictures": 250, "of_fire": 0, "flagged at 0.1 %": {"any": 0.008}},
    },
}


@pytest.fixture
def card(tmp_path):
    folder = clip_folder(tmp_path / "x")
    old = load_model_folder(str(folder)).manifest
    limit = Threshold(
        label="weapons",
        score=0.9,
        false_positive_rate=0.001,
        interval_95=(0.0, 0.002),
        calibrated_on="6000 harmless pictures",
    )
    changes = {
        "metrics": METRICS,
        "thresholds": (limit,),
        "training_data": {"icons": 7, "drawn_sprites": 9},
    }
    manifest = Manifest.model_validate(json.loads(json.dumps(old.model_dump(mode="json"))))
    write_card(folder, settings(), manifest.model_copy(update=changes))
    return (folder / "MODEL_CARD.md").read_text()


def test_the_card_begins_with_what_the_model_sees(card):
    opening = card.split("##")[0]

    assert opening.startswith("# tiny_clip 1")
    assert "**pictograms, drawings and signs**" in opening
    assert "For photographs pull a CLIP" in opening
    assert "100 of its word pieces" in opening


@pytest.mark.parametrize(
    "said",
    [
        "| weapons | 3 | 9 | 20 | 0.91 | [0.8, 0.97] | 0.9 |",
        "| fire | 3 | 9 | 20 | 0.88 |",
        "| drugs | 3 | 9 | 20 | 0.77 |",
        "Icons (tabler, and a quarter",
        "40 concepts that no package showed",
        "first five in 0.5 (chance\n0.125)",
        "fire_cair: 170 pictures, 100 of them of fire; AUROC of `fire` 0.6 (0.5 to 0.7)",
        "photos: 250 pictures, 0 of them of fire; flagged at 0.1 %: any 0.8%",
        "| weapons at 0.1% | 0.9 | 0.00% to 0.20% |",
        "On 6000 harmless pictures.",
        "- mdi: Icons by Somebody, Apache-2.0",
        "- chelsea.png: CC0-1.0",
        "7 icons, 9 drawn sprites",
    ],
)
def test_the_card_tells_every_figure_licence_and_count(card, said):
    assert said in card


def test_every_category_is_explained(card):
    for name in ("weapons", "fire", "drugs", "hazard_sign", "graphic_violence"):
        assert f"- `{name}`: " in card


def test_without_photographs_the_card_says_so(tmp_path):
    folder = clip_folder(tmp_path / "x")
    manifest = load_model_folder(str(folder)).manifest
    bare = manifest.model_copy(update={"metrics": METRICS | {"photographs": {}}})

    write_card(folder, settings(), bare)

    assert "Not measured." in (folder / "MODEL_CARD.md").read_text()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({}, "`test_efficientnet` in eight bits, trained here from random weights."),
        ({"name": "lite0.pth", "sha256": "ab12"},
         "its first weights `lite0.pth` (MIT, SHA-256 `ab12`); all but its 12 topmost groups"),
        ({"name": "timm/x.in1k (timm)"}, "its first weights `timm/x.in1k (timm)` (MIT); all but"),
    ],
)  # fmt: skip
def test_it_says_what_the_tower_started_from(tmp_path, source, said):
    folder = clip_folder(tmp_path / "x")
    old = load_model_folder(str(folder)).manifest
    changed = {"tower_licence": "MIT", "layers": 12}

    write_card(
        folder,
        settings().model_copy(update=changed),
        old.model_copy(update={"metrics": METRICS | {"tower_weights": source}}),
    )

    assert said in " ".join((folder / "MODEL_CARD.md").read_text().split())
