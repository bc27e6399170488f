"""Inference-time safety guardrail for multimodal LLMs.

Embed it::

    from guardrail import Guard

    guard = Guard.from_policy("default")
    outcome = guard.check(text="...", images=[Path("photo.png").read_bytes()])

A detector or adapter of one's own imports everything it needs from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from guardrail.adapter import Adapter, Delta, Event, Refusal, ReplyStream
from guardrail.detector import Context, Detector, Pixels
from guardrail.errors import (
    GuardrailError,
    ImageError,
    ModelError,
    OverloadError,
    PolicyError,
    WireError,
)
from guardrail.judge import Judge
from guardrail.types import (
    Action,
    Box,
    Conversation,
    Coverage,
    Drop,
    Edit,
    Finding,
    Image,
    Kind,
    Outcome,
    Part,
    ReplaceImage,
    ReplaceText,
    Side,
    Source,
    Verdict,
)
from guardrail.wire import Reply, Request, Send

if TYPE_CHECKING:
    from guardrail.asgi import GuardMiddleware
    from guardrail.guard import Guard
    from guardrail.policy import Policy, load_policy
    from guardrail.transport import AsyncGuardTransport, GuardTransport

__version__ = "0.1.0"

__all__ = [
    "Action",
    "Adapter",
    "AsyncGuardTransport",
    "Box",
    "Context",
    "Conversation",
    "Coverage",
    "Delta",
    "Detector",
    "Drop",
    "Edit",
    "Event",
    "Finding",
    "Guard",
    "GuardMiddleware",
    "GuardTransport",
    "GuardrailError",
    "Image",
    "ImageError",
    "Judge",
    "Kind",
    "ModelError",
    "Outcome",
    "OverloadError",
    "Part",
    "Pixels",
    "Policy",
    "PolicyError",
    "Refusal",
    "ReplaceImage",
    "ReplaceText",
    "Reply",
    "ReplyStream",
    "Request",
    "Send",
    "Side",
    "Source",
    "Verdict",
    "WireError",
    "__version__",
    "load_policy",
]

# What needs pydantic, Pillow or aiohttp is imported on first use: a detector module that imports
# the protocols must not pay for the whole product.
_LAZY = {
    "AsyncGuardTransport": "guardrail.transport",
    "Guard": "guardrail.guard",
    "GuardMiddleware": "guardrail.asgi",
    "GuardTransport": "guardrail.transport",
    "Policy": "guardrail.policy",
    "load_policy": "guardrail.policy",
}


def __getattr__(name: str) -> Any:
    """The public names that are imported on first use (PEP 562)."""
    if name not in _LAZY:
        raise AttributeError(f"module 'guardrail' has no attribute {name!r}")
    import importlib  # noqa: PLC0415 - only reached once a name

    value = getattr(importlib.import_module(_LAZY[name]), name)
    globals()[name] = value
    return value
