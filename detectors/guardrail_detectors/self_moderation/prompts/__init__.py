"""The questions to moderators, one file a version; see ``guardrail.prompts``."""
