"""A CLIP folder of a few kilobytes, made by the layout that the reader documents.

The visual tower means colours over an 8 by 8 grid and mixes them; the text tower adds up vectors of
words. Its vocabulary holds colours, and a word lies near the pictures of its colour, so that
zero-shot scores mean something.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from PIL import Image as Pillow
from tokenizers import Tokenizer, models, pre_tokenizers

SIZE, LENGTH, CONTEXT = 32, 8, 12
COLOURS = {"red": (230, 20, 20), "green": (20, 200, 20), "blue": (20, 20, 230), "grey": (128,) * 3}
WORDS = ["[PAD]", "[UNK]", "a", "photo", "of", *COLOURS]
MEAN, STD = [0.5, 0.5, 0.5], [0.25, 0.25, 0.25]


def plain(colour: str, width: int = 40, height: int = 40) -> np.ndarray:
    return np.full((height, width, 3), COLOURS[colour], np.uint8)


def graph(name, nodes, inputs, outputs, constants) -> onnx.ModelProto:
    initializers = [numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items()]
    made = helper.make_graph(nodes, name, inputs, outputs, initializers)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def mixing() -> np.ndarray:
    """Orthonormal rows, so that cosines of mean colours survive."""
    square, _ = np.linalg.qr(np.random.default_rng(7).normal(size=(LENGTH, LENGTH)))
    return square[:3].astype(np.float32)


def visual(
    size: int = SIZE, length: int = LENGTH, *, louder: bool = False, fragile: bool = False
) -> onnx.ModelProto:
    """A tower that sees mean colours.

    Args:
        size: Of a side.
        length: Of an embedding.
        louder: Each row is divided by the loudest value of the whole batch before a rounding.
        fragile: A faint pattern of single pixels, ``signs``, moves the embedding far.
    """
    nodes = [helper.make_node("GlobalAveragePool", ["pixel_values"], ["pooled"])]
    constants = {"mix": mixing()[:, :length], "axes": np.array([2, 3], np.int64)}
    nodes.append(helper.make_node("Squeeze", ["pooled", "axes"], ["flat"]))
    source = "flat"
    if louder:
        nodes += [
            helper.make_node("Abs", ["flat"], ["loud"]),
            helper.make_node("ReduceMax", ["loud"], ["peak"], keepdims=0),
            helper.make_node("Div", ["flat", "peak"], ["scaled"]),
            helper.make_node("Mul", ["scaled", "levels"], ["stretched"]),
            helper.make_node("Round", ["stretched"], ["rounded"]),
        ]
        constants["levels"] = np.float32(5)
        source = "rounded"
    nodes.append(helper.make_node("MatMul", [source, "mix"], ["coloured" if fragile else "mixed"]))
    if fragile:
        constants["checks"] = 40 * signs(size, size)
        constants["turn"] = -mixing()[::-1].copy()
        nodes += [
            helper.make_node("Mul", ["pixel_values", "checks"], ["checked"]),
            helper.make_node("GlobalAveragePool", ["checked"], ["response"]),
            helper.make_node("Squeeze", ["response", "axes"], ["responses"]),
            helper.make_node("MatMul", ["responses", "turn"], ["turned"]),
            helper.make_node("Add", ["coloured", "turned"], ["mixed"]),
        ]
    nodes += [
        helper.make_node("LpNormalization", ["mixed"], ["embedding"], axis=1, p=2),
    ]
    return graph(
        "visual",
        nodes,
        [helper.make_tensor_value_info("pixel_values", TensorProto.FLOAT, ["b", 3, size, size])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["b", length])],
        constants,
    )


def signs(height: int, width: int) -> np.ndarray:
    """As many 1 as -1, in no order."""
    half = np.arange(height * width) % 2 * 2 - 1
    return np.random.default_rng(5).permutation(half).reshape(height, width).astype(np.float32)


def text() -> onnx.ModelProto:
    table = np.zeros((len(WORDS), LENGTH), np.float32)
    table[2:5] = np.random.default_rng(3).normal(scale=0.02, size=(3, LENGTH))
    for row, colour in enumerate(COLOURS, start=len(WORDS) - len(COLOURS)):
        seen = (np.array(COLOURS[colour]) / 255 - MEAN) / STD
        table[row] = seen.astype(np.float32) @ mixing()
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["vectors"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["masks"]),
        helper.make_node("Mul", ["vectors", "masks"], ["masked"]),
        helper.make_node("ReduceSum", ["masked", "middle"], ["summed"], keepdims=0),
        helper.make_node("LpNormalization", ["summed"], ["embedding"], axis=1, p=2),
    ]
    tokens = ["b", CONTEXT]
    return graph(
        "text",
        nodes,
        [
            helper.make_tensor_value_info("input_ids", TensorProto.INT64, tokens),
            helper.make_tensor_value_info("attention_mask", TensorProto.INT64, tokens),
        ],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["b", LENGTH])],
        {"table": table, "last": np.array([2], np.int64), "middle": np.array([1], np.int64)},
    )


def heads(labels: tuple[str, ...], length: int = LENGTH) -> onnx.ModelProto:
    """Head ``i`` is sure of pictures of the colour ``i``."""
    weights = np.stack(
        [
            ((np.array(colour) / 255 - MEAN) / STD).astype(np.float32) @ mixing()
            for colour in COLOURS.values()
        ]
    )[: len(labels)]
    weights = 12 * weights / np.linalg.norm(weights, axis=1, keepdims=True)
    return graph(
        "heads",
        [
            helper.make_node("MatMul", ["embedding", "weights"], ["raw"]),
            helper.make_node("Sub", ["raw", "bias"], ["logit"]),
            helper.make_node("Sigmoid", ["logit"], ["scores"]),
        ],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["b", length])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["b", len(labels)])],
        {"weights": weights.T, "bias": np.float32(9)},
    )


def tokenizer() -> Tokenizer:
    made = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, "[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    return made


def clip_folder(path: Path, labels: tuple[str, ...] = (), *, fragile: bool = False) -> Path:
    """A whole folder at ``path``; ``seal`` again after changing a file of it."""
    (path / "golden").mkdir(parents=True)
    onnx.save(visual(fragile=fragile), path / "visual.onnx")
    onnx.save(text(), path / "text.onnx")
    if labels:
        onnx.save(heads(labels), path / "heads.onnx")
    tokenizer().save(str(path / "tokenizer.json"))
    preprocess = {
        "size": SIZE,
        "resize": "shortest",
        "interpolation": "bicubic",
        "mean": MEAN,
        "std": STD,
        "fill": 0,
    }
    (path / "preprocess.json").write_text(json.dumps(preprocess))
    for number, colour in enumerate(COLOURS):
        Pillow.fromarray(plain(colour)).save(path / "golden" / f"{number}.png")
    gold(path, labels)
    seal(path, labels)
    return path


def gold(path: Path, labels: tuple[str, ...]) -> None:
    """Writes golden.json from what numpy alone says of the same weights."""
    pictures, texts = [], []
    normal = {c: (np.array(v) / 255 - MEAN) / STD @ mixing() for c, v in COLOURS.items()}
    for number, colour in enumerate(COLOURS):
        row = normal[colour] / np.linalg.norm(normal[colour])
        sure = [12 * row @ normal[other] / np.linalg.norm(normal[other]) for other in COLOURS]
        scores = {one: 1 / (1 + np.exp(9 - s)) for one, s in zip(labels, sure, strict=False)}
        pictures.append(
            {"file": f"golden/{number}.png", "embedding": row.tolist(), "scores": scores}
        )
        texts.append({"text": colour, "embedding": row.tolist()})
    (path / "golden.json").write_text(json.dumps({"pictures": pictures, "texts": texts}))


def seal(path: Path, labels: tuple[str, ...] = (), **fields: object) -> None:
    """Writes the manifest anew for the files there are."""
    files = {
        str(one.relative_to(path)): {
            "sha256": sha256(one.read_bytes()).hexdigest(),
            "bytes": one.stat().st_size,
        }
        for one in sorted(path.rglob("*"))
        if one.is_file() and one.name != "manifest.json"
    }
    manifest = {
        "format": 1,
        "name": "tiny_clip",
        "version": "1",
        "task": "image_text_embedding",
        "licence": "Apache-2.0",
        "base_model": None,
        "files": files,
        "inputs": [{"name": "pixel_values", "dtype": "float32", "shape": [-1, 3, SIZE, SIZE]}],
        "labels": list(labels) or ["embedding"],
        "parameters": {
            "embedding": LENGTH,
            "context_length": CONTEXT,
            "pad_id": 0,
            "logit_scale": 20.0,
            "logit_bias": 0.0,
            "variant": "visual.onnx",
            "min_cosine": 0.9995,
        },
        "thresholds": [],
        "training_command": "none",
        "training_data": {},
        "metrics": {},
    }
    (path / "manifest.json").write_text(json.dumps({**manifest, **fields}))
