"""What was computed before is found again until there is too much of it."""

from __future__ import annotations

from guardrail_detectors.kept import Kept


def test_what_was_used_least_lately_is_forgotten():
    kept = Kept(2)
    kept.put("a", 1)
    kept.put("b", 2)
    kept.get("a")
    kept.put("c", 3)

    assert [kept.get(key) for key in "abc"] == [1, None, 3]


def test_a_value_put_again_replaces_the_old_one_and_counts_as_used():
    kept = Kept(2)
    for key, value in (("a", 1), ("b", 2), ("a", 3), ("c", 4)):
        kept.put(key, value)

    assert [kept.get(key) for key in "abc"] == [3, None, 4]
