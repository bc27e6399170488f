"""OpenAI chat completions, as many servers speak them: ``/v1/chat/completions``.

Source: https://platform.openai.com/docs/api-reference/chat
"""

from guardrail_adapters.openai_chat.adapter import OpenAIChat

__all__ = ["OpenAIChat"]
