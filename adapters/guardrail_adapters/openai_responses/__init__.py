"""OpenAI Responses: ``/v1/responses``.

Source: https://platform.openai.com/docs/api-reference/responses and the types of the official SDK.
"""

from guardrail_adapters.openai_responses.adapter import OpenAIResponses

__all__ = ["OpenAIResponses"]
