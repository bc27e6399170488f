"""Constitutions: those that are shipped, and what a wrong one is answered with."""

from __future__ import annotations

import pytest

from guardrail.constitution import constitutions, load_constitution
from guardrail.errors import PolicyError
from guardrail.taxonomy import attacks, categories

GOOD = """\
version: 1
name: mine
principles:
  - id: no_hate
    text: Be kind.
    categories: [hate]
    examples:
      - {answer: "Hello.", breaks: false}
  - id: no_lies
    text: Be true.
    categories: [disinformation, defamation]
"""


def written(folder, text):
    path = folder / "mine.yaml"
    path.write_text(text)
    return path


def test_what_is_shipped_is_valid_and_shows_where_each_line_runs():
    assert set(constitutions()) == {"default", "pictures"}
    for name in constitutions():
        for principle in load_constitution(name).principles:
            assert {example.breaks for example in principle.examples} == {True, False}
            assert not set(principle.categories) & attacks()


def test_the_default_covers_the_hazards_that_an_answer_in_words_can_do():
    covered = {c for one in load_constitution("default").principles for c in one.categories}
    hazards = {name for name, category in categories().items() if category.code}

    assert hazards - covered == {"intellectual_property", "code_interpreter_abuse"}


def test_a_file_is_read(tmp_path):
    mine = load_constitution(written(tmp_path, GOOD))

    assert [one.id for one in mine.principles] == ["no_hate", "no_lies"]
    assert mine.chosen(("no_lies",)) == mine.principles[1:]
    assert mine.chosen(("no_lies", "no_hate")) == mine.chosen(()) == mine.principles


def test_its_digest_is_that_of_what_it_says(tmp_path):
    first = load_constitution(written(tmp_path, GOOD)).digest
    spaced = load_constitution(written(tmp_path, f"# a comment\n{GOOD}")).digest
    changed = load_constitution(written(tmp_path, GOOD.replace("kind", "nice"))).digest

    assert first == spaced != changed


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("[hate]", "[hat]", ":6:18: principles[0].categories[0]: no category 'hat'; did you mean"),
        (
            "id: no_lies",
            "id: no_hate",
            ":9:9: principles[1].id: 'no_hate' is the id of principle 0",
        ),
        ("id: no_lies", "id: none", "no principle can be called 'none'"),
        ("id: no_lies", "id: No lies", ":9:9: principles[1].id: "),
        ("    text: Be true.", "    txet: Be true.", ":10:5: principles[1]"),
        ("breaks: false", "breaks: 0", ":8:36: principles[0].examples[0].breaks"),
        ("version: 1", "version: 2", ":1:10: version"),
        ("[disinformation, defamation]", "[]", ":11:17: principles[1].categories"),
    ],
)
def test_a_wrong_one_is_answered_with_the_place(tmp_path, right, wrong, message):
    with pytest.raises(PolicyError) as error:
        load_constitution(written(tmp_path, GOOD.replace(right, wrong)))

    assert message in str(error.value)


def test_one_that_is_not_there_is_an_error():
    with pytest.raises(PolicyError, match="no constitution 'pictrues': not a file; did you mean"):
        load_constitution("pictrues")
