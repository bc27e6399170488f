"""Anthropic Messages: ``/v1/messages`` and ``/v1/messages/count_tokens``.

Source: https://docs.anthropic.com/en/api/messages and the types of the official SDK.
"""

from guardrail_adapters.anthropic_messages.adapter import AnthropicCountTokens, AnthropicMessages

__all__ = ["AnthropicCountTokens", "AnthropicMessages"]
