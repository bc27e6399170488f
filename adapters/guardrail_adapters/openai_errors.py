"""Errors in the envelope that the OpenAI formats share.

Source: https://platform.openai.com/docs/guides/error-codes; ``innererror`` is Azure OpenAI's.
"""

from __future__ import annotations

import json
from typing import Any

from guardrail.adapter import Refusal
from guardrail.wire import Reply

_JSON = ((b"content-type", b"application/json"),)


def failed(status: int, message: str, code: str, param: str = "") -> Reply:
    """An error in the provider's envelope."""
    body = json.dumps(envelope(message, _error_type(status), code, param), separators=(",", ":"))
    return Reply(status, _JSON, body.encode())


def blocked(refusal: Refusal) -> dict[str, Any]:
    """The error that a blocked request gets under ``block_style: error``."""
    body = envelope(refusal.text, "invalid_request_error", "content_filter", refusal.param)
    body["error"]["innererror"] = {"code": "ResponsibleAIPolicyViolation"}
    return body


def envelope(message: str, kind: str, code: str, param: str = "") -> dict[str, Any]:
    """An error object as the provider's SDKs read it."""
    return {"error": {"message": message, "type": kind, "param": param or None, "code": code}}


def _error_type(status: int) -> str:
    if status == 429:
        return "rate_limit_error"
    return "invalid_request_error" if status < 500 else "server_error"
