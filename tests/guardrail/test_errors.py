"""Errors of tasks that ran side by side."""

from __future__ import annotations

import pytest

from guardrail.errors import ImageError, WireError, first_of


def test_the_first_of_several_errors_stands_for_all():
    errors = [ImageError("a"), ImageError("b")]

    assert first_of(ExceptionGroup("", errors), WireError) is errors[0]


def test_an_error_of_another_kind_is_not_lost_behind_it():
    group = ExceptionGroup("", [WireError("a"), ValueError("a bug")])

    with pytest.raises(ExceptionGroup) as raised:
        first_of(group, WireError)
    assert raised.value is group
