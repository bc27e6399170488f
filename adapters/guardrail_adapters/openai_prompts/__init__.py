"""OpenAI endpoints that take a prompt: completions, embeddings, pictures drawn or edited.

Source: https://platform.openai.com/docs/api-reference/completions, …/embeddings and …/images.
"""

from guardrail_adapters.openai_prompts.adapter import (
    OpenAICompletions,
    OpenAIEmbeddings,
    OpenAIImages,
)
from guardrail_adapters.openai_prompts.edits import OpenAIImageEdits, OpenAIImageVariations

__all__ = [
    "OpenAICompletions",
    "OpenAIEmbeddings",
    "OpenAIImageEdits",
    "OpenAIImageVariations",
    "OpenAIImages",
]
