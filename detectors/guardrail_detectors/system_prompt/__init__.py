"""Copies of the system prompt, or of its canary, in what a model answers."""

from guardrail_detectors.system_prompt.detector import SystemPromptLeak, SystemPromptLeakConfig

__all__ = ["SystemPromptLeak", "SystemPromptLeakConfig"]
