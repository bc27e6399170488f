"""What a tuned model must reach before anything is exported."""

from __future__ import annotations

from guardrail_training.text_guard.records import DataError
from guardrail_training.vlguard.config import Gate
from guardrail_training.vlguard.evaluate import Evaluation

_ROUNDING = 1e-9
"""1 - 0.97 is more than 0.03 in binary fractions."""


class GateError(DataError):
    """A tuned model is not good enough; the message says where and by how much."""


def check_gate(gate: Gate, before: Evaluation, after: Evaluation) -> None:
    """Whether the model may be exported.

    Args:
        gate: The limits.
        before: The base model's rates.
        after: The tuned model's, on the same examples.

    Raises:
        GateError: Attack success, over-refusal or lost helpfulness is above its limit; all that
            are, are named.
    """
    lost = before.helpfulness(gate.helpfulness_by) - after.helpfulness(gate.helpfulness_by)
    measured = {
        "attack_success": (after.attack_success, gate.attack_success),
        "over_refusal": (after.over_refusal, gate.over_refusal),
        "helpfulness_lost": (lost, gate.helpfulness_lost),
    }
    failed = [
        f"{name} is {found:.1%}, at most {limit:.1%} is allowed"
        for name, (found, limit) in measured.items()
        if found > limit + _ROUNDING
    ]
    if failed:
        raise GateError(f"not exported: {'; '.join(failed)}")
