"""Links and pictures in a text that would carry data away when they are shown or followed."""

from guardrail_detectors.link_exfiltration.detector import (
    LinkExfiltration,
    LinkExfiltrationConfig,
)

__all__ = ["LinkExfiltration", "LinkExfiltrationConfig"]
