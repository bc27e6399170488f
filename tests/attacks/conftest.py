"""The same processes as the end-to-end tests have."""

from tests.e2e.conftest import audit, guarded, log, redacting, upstream

__all__ = ["audit", "guarded", "log", "redacting", "upstream"]
