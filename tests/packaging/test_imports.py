"""What a process that only runs the guard imports: no training library, and little else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TRAINING = ("torch", "torchvision", "open_clip", "transformers", "easyocr", "sklearn", "scipy")

RUN = """
import asyncio, sys
sys.path[:0] = [{root!r}, {root!r} + "/detectors", {root!r} + "/adapters"]
{body}
print(",".join(name for name in {names!r} if name in sys.modules))
"""

WHOLE_PATH = """
from guardrail import Guard
from guardrail.proxy import create_app
async def go():
    guard = Guard.from_policy("default")
    await guard.acheck(text="hello there")
    await guard.close()
asyncio.run(go())
"""


def imported(body: str, names: tuple[str, ...]) -> list[str]:
    code = RUN.format(root=str(ROOT), body=body, names=names)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return [name for name in done.stdout.strip().split(",") if name]


def test_guarding_imports_no_training_library():
    assert imported(WHOLE_PATH, TRAINING) == []


def test_the_check_can_fail():
    assert imported("import json", ("json",)) == ["json"]


@pytest.mark.parametrize("module", ["guardrail", "guardrail.detector", "guardrail.adapter"])
def test_a_third_partys_import_of_the_protocols_is_light(module):
    heavy = ("aiohttp", "litestar", "PIL", "cv2", "onnxruntime", "typer", "yaml")

    assert imported(f"import {module}", heavy) == []
