"""The scripted upstream inside the middleware, as an application of its own."""

from __future__ import annotations

import os

from guardrail import GuardMiddleware
from tests.e2e.scripted import app as scripted

app = GuardMiddleware(scripted, policy=os.environ["E2E_POLICY"])
