"""open_clip towers, hardened and handed to the guard."""

from __future__ import annotations

import pytest
import torch
from PIL import Image

from guardrail_detectors.clip import load_clip
from guardrail_training.adpo.clip import ClipEncoder, ZeroShot
from guardrail_training.adpo.config import HardenConfig
from guardrail_training.adpo.pictures import FolderPictures
from guardrail_training.adpo.train import harden
from guardrail_training.clip.export import load
from guardrail_training.text_guard.records import DataError
from tests.training.clip.architectures import known


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("clip")
    known(home)
    for name, colour in (("red_cat", "red"), ("dog", "blue")):
        (home / "pictures" / name).mkdir(parents=True)
        for number in range(2):
            Image.new("RGB", (40, 32), colour).save(home / "pictures" / name / f"{number}.png")
    return home


def settings(home, method, **changed):
    pictures = {"kind": "folder", "folder": str(home / "pictures")}
    run = {"steps": 1, "batch": 2, "rate": 1e-2, "save_every": 1}
    given = {"method": method, "model": "open_clip:tiny-vit", "attack": {"steps": 1}}
    return HardenConfig.model_validate(given | {"pictures": pictures, "run": run} | changed)


@pytest.mark.parametrize("method", ["fare", "tecoa"])
def test_a_hardened_tower_is_a_folder_that_the_guard_loads(home, tmp_path, method):
    torch.manual_seed(0)
    before = load("tiny-vit").model

    folder = harden(settings(home, method), tmp_path)

    picture = torch.randint(0, 256, (32, 32, 3), generator=torch.Generator().manual_seed(1))
    pixels = picture.to(torch.uint8).numpy()
    guard = load_clip(str(folder), "fp32")
    found = guard.pictures([guard.folder.preprocess(pixels)])[0]
    shown = torch.from_numpy(guard.folder.preprocess(pixels))[None]
    with torch.no_grad():
        original = before.encode_image(shown, normalize=True)[0].numpy()
    assert found.shape == original.shape
    assert float(found @ original) < 0.9999  # it has learnt
    assert f"guardrail train {method}" in (folder / "manifest.json").read_text("utf-8")


def test_texts_stay_as_they_were(home):
    encoder = ClipEncoder(load("tiny-vit"))
    names = FolderPictures(kind="folder", folder=home / "pictures").names()

    probed = ZeroShot(encoder, names)
    (logits,) = probed(torch.rand(3, 3, 32, 32))

    assert names == ("dog", "red cat")
    assert logits.shape == (3, 1, 2)
    scale = float(encoder.source.model.logit_scale.detach().exp())
    assert float(logits.detach().abs().max()) <= scale * 1.0001
    assert not probed.classes.requires_grad


def test_adpo_on_a_model_that_cannot_speak_is_refused(home, tmp_path):
    with pytest.raises(DataError, match="cannot say: give an MLLM"):
        harden(settings(home, "adpo"), tmp_path)


def test_classes_of_pictures_without_folders_are_refused(home, tmp_path):
    with pytest.raises(DataError, match="needs kind: folder"):
        harden(settings(home, "tecoa", pictures={"kind": "world", "count": 2}), tmp_path)
