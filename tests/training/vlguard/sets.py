"""A tiny data set in VLGuard's format with pictures, and helpful conversations."""

from __future__ import annotations

import json

from guardrail_training.vlguard.config import VLGuardConfig
from guardrail_training.world.safety_set import Sizes, write_safety_set

SIZES = Sizes(
    train_unsafe=8, train_safe=8, test_unsafe=6, test_safe=6, helpful=24, held_out=6
)  # fmt: skip


def tiny_set(folder):
    """The world's safety data in a handful of pictures."""
    write_safety_set(folder, seed=0, sizes=SIZES)
    return folder


def settings(**changed):
    """A run of seconds."""
    return VLGuardConfig.model_validate(
        {
            "kind": "vlguard",
            "name": "tiny",
            "model": "base",
            "train": {"file": "train.json", "images": "images"},
            "test": {"file": "test.json", "images": "images"},
            "helpfulness": {"file": "helpful.json", "images": "images", "examples": 16},
            "held_out": {"file": "held_out.json", "images": "images"},
            "lora": {"rank": 4, "alpha": 8, "dropout": 0.1},
            "rate": 1e-3,
            "epochs": 1,
            "batch": 8,
            "bf16": False,
            "threads": 1,
            "new_tokens": 4,
            "measured": 4,
        }
        | changed
    )


def entry(**changed):
    """One right entry of an unsafe picture."""
    return {
        "id": "a",
        "image": "a.png",
        "safe": False,
        "harmful_category": "privacy",
        "harmful_subcategory": "personal data",
        "instr-resp": [{"instruction": "Who is it?", "response": "I cannot say."}],
    } | changed


def write(folder, entries, name="train.json"):
    """The entries as a file."""
    (folder / name).write_text(json.dumps(entries), "utf-8")
    return folder / name
