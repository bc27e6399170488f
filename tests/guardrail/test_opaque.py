"""Parts that nothing can read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.opaque import OpaqueActions, opaque_verdict, readers, why_opaque
from guardrail.types import Action, File, Part
from tests.kit import WordDetector, picture, stage, text

OPAQUE = [
    Part("/o", "opaque", "user", name="hologram"),
    Part("/a", "audio", "user"),
    Part("/f", "file", "user"),
    Part("/i", "image", "user", url="https://example.com/a.png"),
]


@pytest.mark.parametrize("part", OPAQUE, ids=lambda part: part.kind)
def test_it_is_blocked_unless_the_policy_says_otherwise(part):
    verdict = opaque_verdict([text("x"), part], [(stage(),)], OpaqueActions())

    assert verdict.action is Action.BLOCK
    assert [finding.ref for finding in verdict.findings] == [part.ref]


@pytest.mark.parametrize("part", [text("x"), picture()], ids=lambda part: part.kind)
def test_what_can_be_read_is_not_opaque(part):
    assert opaque_verdict([part], [], OpaqueActions()) is None


@given(st.lists(st.sampled_from([*OPAQUE, text("x"), picture()]), min_size=1))
def test_an_opaque_part_never_passes_silently_among_any_others(parts):
    verdict = opaque_verdict(parts, [(stage(),)], OpaqueActions())

    assert (verdict is not None) == any(part in OPAQUE for part in parts)


def test_the_severest_of_the_parts_decides():
    actions = OpaqueActions(audio=Action.ALLOW, file=Action.FLAG, unknown=Action.ALLOW)

    assert opaque_verdict(OPAQUE, [], actions).action is Action.FLAG


def test_a_reader_of_another_source_is_no_reader():
    steps = [(stage(WordDetector(kinds=frozenset({"audio"})), sources=frozenset({"tool"})),)]
    part = Part("/a", "audio", "user")

    assert readers(part, steps) == []
    assert why_opaque(part, steps) == "no stage reads audio"


def reader(*media_types: str):
    made = WordDetector(kinds=frozenset({"file", "image"}))
    made.media_types = frozenset(media_types)
    return stage(made)


PDF = Part("/f", "file", "user", file=File(b"%PDF-", "application/pdf", "00"))


def test_a_file_of_a_type_that_the_detector_names_is_read():
    steps = [(reader("application/pdf"),)]

    assert readers(PDF, steps) == [steps[0][0]]
    assert why_opaque(PDF, steps) is None


def test_a_file_of_another_type_is_opaque_and_its_type_is_told():
    steps = [(reader("text/csv"),)]

    assert why_opaque(PDF, steps) == "no stage reads application/pdf"
    assert why_opaque(Part("/f", "file", "user"), steps) == "no stage reads file"


def test_types_of_files_are_asked_of_files_alone():
    assert readers(picture(), [(reader("text/csv"),)])


def test_a_detector_that_names_no_types_is_sent_every_file():
    one = stage(WordDetector(kinds=frozenset({"file"})))

    assert readers(Part("/f", "file", "user"), [(one,)]) == [one]
