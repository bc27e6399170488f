"""Google Gemini: ``models/…:generateContent`` and ``models/…:streamGenerateContent``.

Source: https://ai.google.dev/api/generate-content and the types of the official SDK. Field names
may be written in camel case or in snake case, as in all protocol-buffer JSON.
"""

from guardrail_adapters.gemini.adapter import Gemini

__all__ = ["Gemini"]
