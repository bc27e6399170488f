"""What a tool is given, where a wire format has it as an object: told as JSON text and back."""

from __future__ import annotations

import json
from typing import Any


def written(value: Any) -> str:
    """``value`` as the JSON text that detectors read: compact, letters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def as_object_again(text: str) -> dict[str, Any]:
    """The object that ``text`` says; where an edit left no object, one that holds the text."""
    try:
        value = json.loads(text)
    except ValueError:
        return {"removed": text}
    return value if isinstance(value, dict) else {"removed": text}
