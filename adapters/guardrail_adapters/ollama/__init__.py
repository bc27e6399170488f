"""Ollama's own format: ``/api/chat``, ``/api/generate``, ``/api/embed``.

Source: https://docs.ollama.com/api and the types of the official client.
"""

from guardrail_adapters.ollama.adapter import OllamaChat, OllamaEmbed, OllamaGenerate

__all__ = ["OllamaChat", "OllamaEmbed", "OllamaGenerate"]
