"""Copies of the system prompt in what a model answers, and requests for it in what it is asked."""

from guardrail_detectors.system_prompt.asking import (
    SystemPromptRequest,
    SystemPromptRequestConfig,
)
from guardrail_detectors.system_prompt.detector import SystemPromptLeak, SystemPromptLeakConfig

__all__ = [
    "SystemPromptLeak",
    "SystemPromptLeakConfig",
    "SystemPromptRequest",
    "SystemPromptRequestConfig",
]
