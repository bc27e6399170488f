from __future__ import annotations

import logging
import os

import pytest

from guardrail import Guard, PolicyError
from guardrail.policy import load_policy
from guardrail.reload import PolicyWatch, stamps

GOOD = """
version: 1
name: {name}
input:
  - detect: tests.guardrail.policy_detectors:Words
    rules: [{{category: hate, at_least: 0.5, action: block}}]
    on_error: block
    timeout_s: 5
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text(GOOD.format(name="one"))
    return path


@pytest.fixture
async def watch(file):
    made = PolicyWatch(file, Guard(load_policy(file)))
    yield made
    await made.guard.close()


def edit(path, text):
    """Writes and makes sure that the file's time differs, however coarse the clock is."""
    before = path.stat().st_mtime_ns
    path.write_text(text)
    os.utime(path, ns=(before + 10**7, before + 10**7))


async def settle(watch):
    """Two looks: an edit counts once the file is the same in both."""
    return [await watch.look(), await watch.look()]


async def test_nothing_happens_while_the_file_stays(watch):
    before = watch.guard

    assert await settle(watch) == [False, False]
    assert watch.guard is before


async def test_an_edit_makes_a_new_guard_that_is_loaded_and_counts_up(watch, file):
    before = watch.guard
    edit(file, GOOD.format(name="two"))

    assert await settle(watch) == [False, True]

    assert watch.guard.snapshot.label == b"two@2"
    assert watch.guard.ready
    assert watch.guard.shared is before.shared


async def test_a_file_that_is_being_written_is_waited_for(watch, file):
    edit(file, GOOD.format(name="two")[:60])
    first = await watch.look()
    edit(file, GOOD.format(name="two"))

    assert [first, await watch.look(), await watch.look()] == [False, False, True]


async def test_a_bad_edit_leaves_the_guard_and_is_said_once(watch, file, caplog):
    before = watch.guard
    edit(file, GOOD.format(name="two").replace("on_error", "on_eror"))

    with caplog.at_level(logging.ERROR, "guardrail"):
        for _ in range(5):
            assert not await watch.look()

    assert watch.guard is before
    assert len(caplog.records) == 1
    assert "one@1 stays in force" in caplog.text
    assert "did you mean 'on_error'" in caplog.text


async def test_the_repair_of_a_bad_edit_takes_force(watch, file):
    edit(file, "nonsense: true\n")
    await settle(watch)
    edit(file, GOOD.format(name="three"))

    await settle(watch)

    assert watch.guard.snapshot.label == b"three@2"


async def test_a_file_that_is_gone_leaves_the_guard(watch, file):
    before = watch.guard
    file.unlink()

    assert await settle(watch) == [False, False]
    assert watch.guard is before


async def test_a_guard_that_is_not_accepted_is_not_taken(file):
    def refuse(guard):
        raise PolicyError(f"{guard.snapshot.policy.name} has no upstream")

    watch = PolicyWatch(file, Guard(load_policy(file)), accept=refuse)
    before = watch.guard
    edit(file, GOOD.format(name="two"))

    assert await settle(watch) == [False, False]
    assert watch.guard is before
    await watch.guard.close()


async def test_a_built_in_policy_is_not_watched():
    watch = PolicyWatch("monitor", Guard(load_policy("monitor")))

    await watch.run()

    await watch.guard.close()


def test_stamps_tell_an_edit_and_a_missing_file(file, tmp_path):
    before = stamps([file, tmp_path / "none"])
    edit(file, GOOD.format(name="longer name"))

    after = stamps([file, tmp_path / "none"])

    assert before[file] != after[file]
    assert after[tmp_path / "none"] is None
