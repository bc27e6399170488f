from __future__ import annotations

import asyncio
import io
import json

import pytest
from rich.console import Console

from guardrail import Guard, PolicyError
from guardrail.policy import parse_policy
from guardrail.scan import ScanOptions, finished, scan, scan_item
from guardrail.scan_items import Item, count_items, read_items
from guardrail.scan_summary import summary, wilson
from tests.attacks.files import encoded

POLICY = """
version: 1
name: words
input:
  - detect: tests.guardrail.policy_detectors:Words
    rules: [{category: hate, at_least: 0.5, action: block}]
    on_error: block
    timeout_s: 5
"""


@pytest.fixture
async def guard():
    made = Guard(parse_policy(POLICY))
    yield made
    await made.close()


def lines(path, *rows):
    path.write_text(
        "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows)
    )
    return path


def rows_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


async def run(guard, source, output, **options):
    done = []
    await scan(guard, ScanOptions(source, output, **options), done.append)
    return done


def test_lines_become_items_with_what_else_they_say(tmp_path):
    rows = [
        {"id": 7, "text": "a", "label": "benign", "x": 1},
        {"image": "p/q.png"},
        {"id": "m", "messages": []},
    ]
    source = lines(tmp_path / "in.jsonl", *rows)

    assert [*read_items(source)] == [
        Item("7", text="a", extra={"label": "benign", "x": 1}),
        Item("line-2", image=tmp_path / "p/q.png"),
        Item("m", messages=[]),
    ]
    assert count_items(source) == 3


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{\n", "line 1: not JSON"),
        ("[1]\n", "line 1: expected an object"),
        ('{"id": "a"}\n', "nothing to scan"),
        ('{"id": "a", "text": 3}\n', "text: expected a string"),
        ('{"id": "a", "image": 3}\n', "image: expected the path"),
        ('{"id": "a", "messages": "hi"}\n', "messages: expected a list"),
    ],
)
async def test_a_line_that_cannot_be_used_is_a_result_and_ends_nothing(
    guard, tmp_path, line, problem
):
    source = lines(tmp_path / "in.jsonl", line, {"id": "b", "text": "fine"})

    first, second = await run(guard, source, tmp_path / "out.jsonl", workers=1)

    assert problem in first["error"]
    assert first["action"] is None
    assert second["action"] == "ALLOW"


def test_a_folder_has_an_item_for_each_picture_below_it(tmp_path):
    (tmp_path / "deep").mkdir()
    for name in ("b.PNG", "deep/a.jpeg", "notes.txt"):
        (tmp_path / name).write_bytes(b"")

    assert [item.id for item in read_items(tmp_path)] == ["b.PNG", "deep/a.jpeg"]
    assert count_items(tmp_path) == 2


@pytest.mark.parametrize("name", ["missing.jsonl", "empty"])
def test_an_input_without_anything_is_refused(tmp_path, name):
    (tmp_path / "empty").mkdir()

    with pytest.raises(PolicyError, match=r"neither a file|no pictures"):
        [*read_items(tmp_path / name)]


async def test_a_result_has_every_finding_with_its_score(guard, tmp_path):
    source = lines(tmp_path / "in.jsonl", {"id": "a", "text": "bad", "label": "harmful"})

    (result,) = await run(guard, source, tmp_path / "out.jsonl")

    assert (result["action"], result["item"]) == ("BLOCK", {"label": "harmful"})
    assert result["findings"] == [{"ref": "/text", "category": "hate", "score": 1.0}]
    assert result["stages"].keys() == {"tests.guardrail.policy_detectors:Words"}
    assert rows_of(tmp_path / "out.jsonl") == [result]


async def test_pictures_are_read_from_beside_the_file(guard, tmp_path):
    (tmp_path / "a.png").write_bytes(encoded())
    rows = [
        {"id": "a", "image": "a.png"},
        {"id": "b", "image": "none.png"},
        {"id": "c", "image": "in.jsonl"},
    ]
    source = lines(tmp_path / "in.jsonl", *rows)

    found = {one["id"]: one for one in await run(guard, source, tmp_path / "out.jsonl")}

    assert found["a"]["action"] == "ALLOW"
    assert "No such file" in found["b"]["error"]
    assert "not a picture" in found["c"]["error"]


async def test_a_second_run_goes_on_where_the_first_stopped(guard, tmp_path):
    source = lines(tmp_path / "in.jsonl", *({"id": str(n), "text": "x"} for n in range(5)))
    output = tmp_path / "out.jsonl"

    await run(guard, source, output, limit=2)
    rest = await run(guard, source, output)

    assert sorted(one["id"] for one in rest) == ["2", "3", "4"]
    assert sorted(row["id"] for row in rows_of(output)) == list("01234")


async def test_a_half_written_line_is_cut_and_its_item_scanned_again(guard, tmp_path):
    source = lines(tmp_path / "in.jsonl", {"id": "a", "text": "x"}, {"id": "b", "text": "x"})
    output = lines(tmp_path / "out.jsonl", {"id": "a", "action": "ALLOW"}, '{"id": "b", "act')

    (again,) = await run(guard, source, output)

    assert again["id"] == "b"
    assert [row["id"] for row in rows_of(output)] == ["a", "b"]


async def test_a_file_that_holds_something_else_is_not_touched(guard, tmp_path):
    source = lines(tmp_path / "in.jsonl", {"id": "a", "text": "x"})
    output = lines(tmp_path / "notes.txt", "my notes\n", "and no newline")

    with pytest.raises(PolicyError, match=r"notes\.txt:1: not a result of a scan"):
        await run(guard, source, output)

    assert output.read_text() == "my notes\nand no newline"


async def test_without_resume_the_file_is_written_anew(guard, tmp_path):
    source = lines(tmp_path / "in.jsonl", {"id": "a", "text": "x"})
    output = lines(tmp_path / "out.jsonl", {"id": "z", "action": "ALLOW"})

    await run(guard, source, output, resume=False)

    assert [row["id"] for row in rows_of(output)] == ["a"]


async def test_a_scan_that_is_interrupted_leaves_whole_lines(guard, tmp_path):
    source = lines(tmp_path / "in.jsonl", *({"id": str(n), "text": "x"} for n in range(500)))
    output = tmp_path / "out.jsonl"
    some = asyncio.Event()
    options = ScanOptions(source, output, workers=3)
    work = asyncio.create_task(scan(guard, options, lambda _: some.set()))
    await some.wait()

    work.cancel()
    await asyncio.gather(work, return_exceptions=True)

    assert output.read_text().endswith("\n")
    assert 0 < len(finished(output)) <= 500


async def test_content_is_written_only_when_asked_for(guard):
    item = Item("a", text="bad")

    without, with_it = await scan_item(guard, item), await scan_item(guard, item, content=True)

    assert "excerpt" not in json.dumps(without)
    assert without["findings"][0].keys() <= with_it["findings"][0].keys()


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [(0, 0, 0.0, 1.0), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (50, 100, 0.4038, 0.5962)],
)
def test_the_wilson_interval_is_that_of_the_tables(hits, total, low, high):
    assert wilson(hits, total) == pytest.approx((low, high), abs=1e-4)


def shown(results):
    console = Console(width=140, record=True, file=io.StringIO())
    console.print(summary(results))
    return console.export_text()


def test_the_summary_counts_by_label_and_gives_recall_and_pass_rate():
    stages = {"words": {"action": "BLOCK", "ms": 2.0}}
    finding = {"category": "hate", "score": 0.95}
    results = [
        {
            "id": "1",
            "action": "BLOCK",
            "item": {"label": "harmful"},
            "stages": stages,
            "findings": [finding],
        },
        {
            "id": "2",
            "action": "ALLOW",
            "item": {"label": "harmful"},
            "stages": stages,
            "findings": [],
        },
        {
            "id": "3",
            "action": "FLAG",
            "item": {"label": "benign"},
            "stages": stages,
            "findings": [],
        },
        {"id": "4", "action": None, "error": "no picture", "item": {"label": "[/red]"}},
    ]

    text = shown(results)

    assert "stopped 50.0%" in text
    assert "passed 100.0%" in text
    assert "1 items could not be scanned:\n  4: no picture" in text
    assert "hate" in text
    assert "[/red]" in text
