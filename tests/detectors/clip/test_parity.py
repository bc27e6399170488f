"""A real open_clip architecture and the folder made of it embed pictures and texts alike."""

from __future__ import annotations

import json
import shutil
import warnings

import numpy as np
import open_clip
import pytest
import torch
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image as Pillow

from guardrail_detectors.clip import load_clip
from tests.detectors.clip.test_preprocess import picture
from tests.detectors.clip.tiny import seal, tokenizer

SIZE, LENGTH, CONTEXT = 64, 32, 12
MODES = ("shortest", "squash", "longest")


class Tower(torch.nn.Module):
    """One side of a network, whose output has length 1."""

    def __init__(self, network, side):
        super().__init__()
        self.network = network
        self.side = side

    def forward(self, shown):
        return getattr(self.network, self.side)(shown, normalize=True)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(11)
    vision = {"image_size": SIZE, "layers": 3, "width": 64, "head_width": 32, "patch_size": 16}
    texts = {"context_length": CONTEXT, "vocab_size": 9, "width": 32, "heads": 2, "layers": 2}
    made = open_clip.CLIP(LENGTH, vision, {**texts, "pad_id": 0})
    with torch.no_grad():  # weights large enough that pictures differ
        for weights in made.visual.parameters():
            weights.mul_(1.5)
    return made.eval()


def export(tower, shown, name, path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            tower,
            (shown,),
            str(path),
            input_names=[name],
            output_names=["embedding"],
            dynamic_axes={name: {0: "batch"}, "embedding": {0: "batch"}},
            opset_version=17,
            dynamo=False,
        )


@pytest.fixture(scope="module")
def folder(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("random")
    (path / "golden").mkdir()
    export(
        Tower(network, "encode_image"),
        torch.zeros(2, 3, SIZE, SIZE),
        "pixel_values",
        path / "visual.onnx",
    )
    export(
        Tower(network, "encode_text"),
        torch.ones(2, CONTEXT, dtype=torch.int64),
        "input_ids",
        path / "text.onnx",
    )
    tokenizer().save(str(path / "tokenizer.json"))
    return path


def prepared(mode):
    return image_transform_v2(PreprocessCfg(size=SIZE, resize_mode=mode), is_train=False)


def by_torch(network, mode, pixels):
    with torch.no_grad():
        shown = prepared(mode)(Pillow.fromarray(pixels))[None]
        return network.encode_image(shown, normalize=True)[0].numpy()


def complete(path, network, mode):
    """The small files for one way of resizing; golden embeddings come from torch."""
    settings = PreprocessCfg(size=SIZE, resize_mode=mode)
    wanted = {"size": SIZE, "resize": mode, "mean": settings.mean, "std": settings.std}
    (path / "preprocess.json").write_text(json.dumps(wanted))
    Pillow.fromarray(picture(90, 120)).save(path / "golden" / "0.png")
    seen = by_torch(network, mode, picture(90, 120)).tolist()
    with torch.no_grad():
        ids = torch.tensor([[2, 3, 4, 5] + [0] * (CONTEXT - 4)])
        said = network.encode_text(ids, normalize=True)[0].tolist()
    golden = {
        "pictures": [{"file": "golden/0.png", "embedding": seen}],
        "texts": [{"text": "a photo of red", "embedding": said}],
    }
    (path / "golden.json").write_text(json.dumps(golden))
    parameters = {"embedding": LENGTH, "context_length": CONTEXT, "logit_scale": 100.0}
    seal(path, name=f"random_{mode}", parameters=parameters)


@pytest.mark.parametrize("mode", MODES)
def test_a_picture_embeds_as_open_clip_embeds_it(network, folder, mode, tmp_path):
    path = shutil.copytree(folder, tmp_path / mode)
    complete(path, network, mode)
    model = load_clip(str(path))
    shown = [picture(*shape) for shape in ((64, 64), (300, 41), (90, 120), (33, 700), (480, 640))]

    ours = model.pictures([model.folder.preprocess(one) for one in shown])

    theirs = np.stack([by_torch(network, mode, one) for one in shown])
    assert (ours * theirs).sum(axis=1).min() >= 0.9995
    assert (theirs @ theirs.T).min() < 0.995  # they would not pass for one another
