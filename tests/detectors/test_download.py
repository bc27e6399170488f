"""Files over a network that breaks: resumed, checked, whole or not there."""

from __future__ import annotations

import random
import socket
from hashlib import sha256

import pytest

from guardrail.errors import ModelError
from guardrail_detectors.download import ATTEMPTS, Wanted, download
from tests.detectors.served import serving

DATA = random.Random(1).randbytes(300_000)
SUM = sha256(DATA).hexdigest()


@pytest.fixture
def server():
    with serving() as served:
        served.files["/weights.bin"] = DATA
        yield served


@pytest.fixture
def wanted(server, tmp_path):
    return Wanted(f"{server.url}/weights.bin", tmp_path / "models" / "weights.bin", SUM, "do this")


def left(wanted):
    return sorted(one.name for one in wanted.path.parent.iterdir())


def test_a_file_comes_whole_and_nothing_else_is_left(wanted):
    assert download(wanted) == SUM

    assert wanted.path.read_bytes() == DATA
    assert left(wanted) == ["weights.bin"]


def test_progress_ends_at_all_bytes(wanted):
    seen = []

    download(wanted, lambda done, total: seen.append((done, total)))

    assert seen[-1] == (len(DATA), len(DATA))
    assert seen == sorted(seen)


def test_a_file_that_is_there_is_not_fetched_again(server, wanted):
    download(wanted)
    download(wanted)

    assert len(server.asked) == 1


def test_a_broken_connection_is_taken_up_where_it_stopped(server, wanted):
    server.breaks = [100_000, 100_000]

    download(wanted)

    assert wanted.path.read_bytes() == DATA
    assert [asked for _, asked in server.asked] == ["", "bytes=100000-", "bytes=200000-"]


def test_a_later_call_takes_up_what_an_earlier_one_kept(server, wanted):
    server.breaks = [50_000, 0, 0]
    with pytest.raises(
        ModelError, match=rf"broke off {ATTEMPTS} times, 50000 bytes are kept .*run"
    ):
        download(wanted)
    assert not wanted.path.exists()

    download(wanted)

    assert wanted.path.read_bytes() == DATA
    assert server.asked[-1][1] == "bytes=50000-"


def test_progress_of_a_resumed_file_counts_what_was_there(server, wanted):
    server.breaks = [250_000]
    seen = []

    download(wanted, lambda done, total: seen.append((done, total)))

    assert seen[-1] == (len(DATA), len(DATA))


def test_a_file_that_changed_meanwhile_begins_anew(server, wanted):
    server.breaks = [50_000, 0, 0]
    with pytest.raises(ModelError, match="broke off"):
        download(wanted)
    server.tag = '"two"'

    download(wanted)

    assert wanted.path.read_bytes() == DATA
    assert not wanted.tag.exists()


@pytest.mark.parametrize("tag", ["", 'W/"weak"'])
def test_without_a_version_an_unknown_file_begins_anew(server, wanted, tag):
    server.tag, server.breaks = tag, [50_000]

    found = download(Wanted(wanted.url, wanted.path))

    assert found == SUM
    assert [asked for _, asked in server.asked] == ["", ""]


def test_without_a_version_a_file_of_known_checksum_is_taken_up(server, wanted):
    server.tag, server.breaks = "", [50_000]

    download(wanted)

    assert server.asked[-1][1] == "bytes=50000-"


def test_a_server_without_ranges_is_asked_for_all_of_it(server, wanted):
    server.ranges, server.breaks = False, [50_000]

    download(wanted)

    assert wanted.path.read_bytes() == DATA


def test_a_part_that_was_whole_already_is_only_checked(server, wanted):
    wanted.part.parent.mkdir(parents=True)
    wanted.part.write_bytes(DATA)

    assert download(wanted) == SUM


def test_another_file_than_expected_is_deleted_with_a_message(server, wanted):
    server.files["/weights.bin"] = b"x" + DATA[1:]

    with pytest.raises(ModelError, match=rf"not the file that was expected .*{SUM}"):
        download(wanted)

    assert left(wanted) == []


def test_a_file_that_is_there_and_is_another_is_deleted_with_a_message(wanted):
    wanted.path.parent.mkdir(parents=True)
    wanted.path.write_bytes(b"old")

    with pytest.raises(ModelError, match="not the file that was expected"):
        download(wanted)

    assert not wanted.path.exists()


def test_a_file_that_is_not_there_is_said_with_advice(server, wanted):
    server.files.clear()

    with pytest.raises(ModelError, match=r"answers 404 Not Found; do this"):
        download(wanted)


def test_a_redirection_is_followed(server, wanted):
    server.moved["/old.bin"] = "/weights.bin"

    assert download(Wanted(f"{server.url}/old.bin", wanted.path, SUM)) == SUM


def test_a_machine_without_a_network_is_told_what_to_do(tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/weights.bin"

        with pytest.raises(ModelError, match=r"127\.0\.0\.1 cannot be reached: .*; do this"):
            download(Wanted(url, tmp_path / "weights.bin", "", "do this"))


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x", "weights.bin"])
def test_what_is_no_web_address_is_refused(tmp_path, url):
    with pytest.raises(ModelError, match="cannot be reached"):
        download(Wanted(url, tmp_path / "weights.bin"))
