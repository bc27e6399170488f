"""OpenAI endpoints that take a prompt: completions, embeddings, image generation.

Source: https://platform.openai.com/docs/api-reference/completions, …/embeddings and …/images.
"""

from guardrail_adapters.openai_prompts.adapter import (
    OpenAICompletions,
    OpenAIEmbeddings,
    OpenAIImages,
)

__all__ = ["OpenAICompletions", "OpenAIEmbeddings", "OpenAIImages"]
