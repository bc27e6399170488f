"""Icon packages of a few squares, a BERT of a few thousand weights, screenshots of noise."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

from guardrail_training.clip.config import EmbeddedConfig
from guardrail_training.clip.icons import COLLECTION, rules
from tests.training.encoder.tiny import base_model

SHAPES = {
    "bomb": '<circle cx="12" cy="14" r="8"/>',
    "fire": '<path fill="#f60" d="M12 2l6 18H6z"/>',
    "pill": '<rect fill="#d33" x="2" y="9" width="20" height="6" rx="3"/>',
    "biohazard": '<circle cx="12" cy="12" r="9" fill="#fc0"/><circle cx="12" cy="12" r="3"/>',
    "open-wound": '<path fill="#900" d="M3 12l9-4 9 4-9 4z"/>',
    "fire-extinguisher": '<rect fill="#c00" x="8" y="5" width="8" height="17"/>',
    "house-bold": '<path d="M2 12L12 3l10 9v10H2z"/>',
    "tree": '<circle cx="12" cy="8" r="7" fill="#393"/>',
    "cup-outline": '<rect x="5" y="6" width="11" height="14" fill="#39c"/>',
    "clock": '<circle cx="12" cy="12" r="9" fill="#ccc"/>',
    "fence": '<path d="M3 3h3v18H3zM10 3h3v18h-3zM17 3h3v18h-3z"/>',  # kept back for zero-shot prompts
    "goat": '<path d="M3 6l9 4 9-4-4 14H7z" fill="#777"/>',
    "banana": '<path d="M3 6q9 14 18 0q-9 22-18 0" fill="#fd0"/>',  # kept back to calibrate
    "map": '<rect x="2" y="4" width="20" height="15" fill="#9c6"/>',
    "book": '<rect x="4" y="3" width="16" height="18" fill="#643"/>',
}


def icon_folder(folder: Path) -> Path:
    """Every package of the shipped rules, each with the same few icons."""
    packages = folder / "node_modules" / "@iconify" / "json" / "json"
    packages.mkdir(parents=True)
    version = {"version": COLLECTION.rpartition("@")[2]}
    (packages.parent / "package.json").write_text(json.dumps(version))
    icons = {key: {"body": body} for key, body in SHAPES.items()}
    for name in rules().packages:
        info = {
            "name": name.title(),
            "author": {"name": "Us"},
            "license": {"title": "CC0", "spdx": "CC0-1.0"},
        }
        content = {"icons": icons, "width": 24, "height": 24, "info": info}
        (packages / f"{name}.json").write_text(json.dumps(content))
    return folder


def data_folder(folder: Path) -> Path:
    """Two screenshots, and three photographs that only measure."""
    rng = np.random.default_rng(0)
    shots = folder / "images" / "ui_docs"
    shots.mkdir(parents=True)
    photos = folder / "measure_only"
    (photos / "photos").mkdir(parents=True)
    for number in range(2):
        noise = rng.integers(0, 256, (60, 90, 3), dtype=np.uint8)
        Image.fromarray(noise).save(shots / f"{number}.png")
    rows = []
    for number, label in enumerate(("benign", "benign", "unsafe")):
        noise = rng.integers(0, 256, (50, 70, 3), dtype=np.uint8)
        Image.fromarray(noise).save(photos / "photos" / f"{number}.png")
        kind = "fire" if label == "unsafe" else "object"
        row = {"image": f"photos/{number}.png", "label": label, "category": kind}
        rows.append(json.dumps(row))
    (photos / "photos.jsonl").write_text("\n".join(rows) + "\n")
    return folder


def text_model(folder: Path) -> Path:
    """A tiny BERT as ``save_pretrained`` writes it."""
    return base_model(folder)


def settings(**changed) -> EmbeddedConfig:
    """A run of seconds."""
    return EmbeddedConfig.model_validate(
        {
            "kind": "embedded",
            "name": "tiny_clip",
            "version": "1",
            "base": "somebody/tiny",
            "words": 100,
            "tower": "test_efficientnet",
            "pretrained": False,
            "size": 32,
            "screenshots": "images/ui_docs",
            "photographs": ["measure_only/photos.jsonl", "measure_only/gone.jsonl"],
            "drawn_each": 1,
            "cycles": [{"steps": 3, "rate": 1e-3, "batch": 16, "plain": 0.5}],
            "head_pictures": 80,
            "asides": 20,
        }
        | changed
    )
