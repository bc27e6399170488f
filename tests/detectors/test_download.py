"""Files over a network that breaks: resumed, checked, whole or not there."""

from __future__ import annotations

import gzip
import random
import socket
from hashlib import sha256

import pytest

from guardrail.errors import ModelError
from guardrail_detectors.download import ATTEMPTS, MOST_BYTES, Wanted, download
from tests.detectors.served import serving

DATA = random.Random(1).randbytes(300_000)
TOTAL = len(DATA)
SUM = sha256(DATA).hexdigest()


@pytest.fixture
def server():
    with serving() as served:
        served.files["/weights.bin"] = DATA
        yield served


@pytest.fixture
def wanted(server, tmp_path):
    return Wanted(f"{server.url}/weights.bin", tmp_path / "models" / "weights.bin", SUM, "do this")


@pytest.fixture
def unknown(wanted):
    """The same file where nobody knows its checksum."""
    return Wanted(wanted.url, wanted.path, "", "do this")


def kept(wanted, data, tag='"one"'):
    """What an earlier call left."""
    wanted.part.parent.mkdir(parents=True)
    wanted.part.write_bytes(data)
    if tag:
        wanted.tag.write_text(tag)


def piece(start, stop, total=TOTAL, tag='"one"', data=DATA):
    """A 206 with ``data[start:stop]``."""
    headers = {
        "content-range": f"bytes {start}-{stop - 1}/{total}",
        "content-length": str(stop - start),
    }
    return 206, headers | ({"etag": tag} if tag else {}), data[start:stop]


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


def test_a_range_that_ends_early_is_gone_on_with(server, unknown):
    kept(unknown, DATA[:100])
    server.scripted = [piece(100, 200)]

    assert download(unknown) == SUM
    assert [asked for _, asked in server.asked] == ["bytes=100-", "bytes=200-"]


def test_a_file_that_keeps_ending_early_is_kept_as_far_as_it_came(server, unknown):
    kept(unknown, DATA[:100])
    server.scripted = [piece(100, 200), piece(200, 300), piece(300, 400)]

    with pytest.raises(
        ModelError, match=r"broke off 3 times, 400 bytes are kept \(400 of 300000 bytes"
    ):
        download(unknown)

    assert unknown.part.read_bytes() == DATA[:400]


def test_a_length_that_changes_begins_anew(server, unknown):
    kept(unknown, b"old" * 50)
    server.scripted = [piece(150, 200, 1000), piece(200, 300, 2000)]

    assert download(unknown) == SUM
    assert [asked for _, asked in server.asked] == ["bytes=150-", "bytes=200-", ""]


def test_a_length_other_than_the_first_answer_told_begins_anew(server, unknown):
    _, headers, body = piece(0, 100)
    server.scripted = [
        (200, headers | {"content-length": "900"}, body),
        piece(100, 800, 800),
    ]

    assert download(unknown) == SUM
    assert [asked for _, asked in server.asked] == ["", "bytes=100-", ""]


def test_more_than_the_whole_begins_anew(server, unknown):
    kept(unknown, DATA[:100])
    server.scripted = [piece(100, 300, 200)]

    assert download(unknown) == SUM
    assert [asked for _, asked in server.asked] == ["bytes=100-", ""]


def test_a_range_of_an_untold_whole_begins_anew(server, unknown):
    kept(unknown, DATA[:100])
    server.scripted = [piece(100, 200, "*")]

    assert download(unknown) == SUM
    assert [asked for _, asked in server.asked] == ["bytes=100-", ""]


def test_a_range_of_an_untold_whole_is_taken_where_the_checksum_is_known(server, wanted):
    kept(wanted, DATA[:100])
    server.scripted = [piece(100, len(DATA), "*")]

    assert download(wanted) == SUM
    assert len(server.asked) == 1


@pytest.mark.parametrize("tag", ['"two"', 'W/"one"'])
@pytest.mark.parametrize("checksum", ["", SUM])
def test_a_range_of_another_version_begins_anew(server, unknown, tag, checksum):
    wanted = Wanted(unknown.url, unknown.path, checksum)
    kept(wanted, b"old" * 50)
    server.scripted = [piece(150, len(DATA), tag=tag)]

    assert download(wanted) == SUM
    assert [asked for _, asked in server.asked] == ["bytes=150-", ""]
    assert left(wanted) == ["weights.bin"]


def test_a_range_that_names_no_version_is_taken(server, unknown):
    kept(unknown, DATA[:100])
    server.scripted = [piece(100, len(DATA), tag="")]

    assert download(unknown) == SUM
    assert len(server.asked) == 1


@pytest.mark.parametrize("headers", [{"content-range": "bytes */50"}, {}, {"content-range": "x"}])
def test_a_part_beyond_the_whole_begins_anew(server, unknown, headers):
    kept(unknown, b"o" * 100)
    server.scripted = [(416, headers, b"")]

    assert download(unknown) == SUM
    assert [asked for _, asked in server.asked] == ["bytes=100-", ""]


def test_a_part_beyond_a_shorter_whole_of_known_checksum_begins_anew(server, wanted):
    kept(wanted, b"o" * 100)
    server.scripted = [(416, {"content-range": "bytes */50"}, b"")]

    assert download(wanted) == SUM


def test_a_part_as_long_as_the_server_says_is_the_whole(server, unknown):
    kept(unknown, DATA)
    server.scripted = [(416, {"content-range": f"bytes */{len(DATA)}"}, b"")]

    assert download(unknown) == SUM
    assert len(server.asked) == 1


def test_a_whole_that_shrank_to_what_is_kept_begins_anew(server, unknown):
    kept(unknown, DATA[:100])
    server.scripted = [piece(100, 200), (416, {"content-range": "bytes */200"}, b"")]

    assert download(unknown) == SUM
    assert [asked for _, asked in server.asked] == ["bytes=100-", "bytes=200-", ""]


def test_beginning_anew_ends_after_some_attempts(server, unknown):
    kept(unknown, DATA[:100])
    other = piece(0, 50, "*")
    server.scripted = [(416, {}, b""), other, other, other]

    with pytest.raises(ModelError, match=r"3 attempts .*the last: .*run the same command again"):
        download(unknown)

    assert len(server.asked) == ATTEMPTS
    assert left(unknown) == []


def test_an_answer_whose_end_cannot_be_told_is_refused(server, unknown):
    server.scripted = [(200, {}, DATA[:100])]

    with pytest.raises(ModelError, match=r"does not tell how long .*cut off.*; do this"):
        download(unknown)

    assert left(unknown) == []


def test_an_answer_whose_end_cannot_be_told_is_taken_where_the_checksum_is_known(server, wanted):
    server.scripted = [(200, {}, DATA)]

    assert download(wanted) == SUM


def test_an_answer_in_chunks_is_taken(server, unknown):
    server.scripted = [(200, {"transfer-encoding": "chunked"}, b"5\r\nhello\r\n0\r\n\r\n")]

    download(unknown)

    assert unknown.path.read_bytes() == b"hello"


def test_chunks_that_break_off_are_no_whole(server, unknown):
    server.scripted = [(200, {"transfer-encoding": "chunked"}, b"5\r\nhello\r\n")]

    assert download(unknown) == SUM


def zipped(data, status=200, **headers):
    body = gzip.compress(data)
    return status, {"content-encoding": "gzip", "content-length": str(len(body))} | headers, body


def test_an_answer_that_is_compressed_all_the_same_is_unpacked(server, unknown):
    server.scripted = [zipped(b"hello")]

    download(unknown)

    assert unknown.path.read_bytes() == b"hello"


def test_a_compressed_range_begins_anew(server, unknown):
    kept(unknown, DATA[:100])
    told = {"content-range": f"bytes 100-{len(DATA) - 1}/{len(DATA)}"}
    server.scripted = [zipped(DATA[100:], 206, **told)]

    assert download(unknown) == SUM
    assert [asked for _, asked in server.asked] == ["bytes=100-", ""]


def test_a_compressed_answer_that_breaks_off_is_not_taken_up(server, unknown):
    status, headers, body = zipped(DATA, etag='"one"')
    server.scripted = [(status, headers, body[:1000])]

    assert download(unknown) == SUM
    assert [asked for _, asked in server.asked] == ["", ""]


def limited(wanted, most):
    return Wanted(wanted.url, wanted.path, "", "do this", most=most)


def test_a_file_may_be_as_long_as_the_limit(wanted):
    assert download(limited(wanted, len(DATA))) == SUM
    assert wanted.most == MOST_BYTES


def test_a_file_that_says_it_is_too_long_is_refused_before_anything_is_written(server, wanted):
    seen = []

    with pytest.raises(ModelError, match=r"longer than 299999 bytes, .*deleted; do this"):
        download(limited(wanted, len(DATA) - 1), lambda *told: seen.append(told))

    assert seen == []
    assert left(wanted) == []


def test_a_file_that_turns_out_too_long_is_refused_as_it_comes(server, wanted):
    server.scripted = [(200, {"transfer-encoding": "chunked"}, b"5\r\nhello\r\n0\r\n\r\n")]

    with pytest.raises(ModelError, match="longer than 4 bytes"):
        download(limited(wanted, 4))

    assert left(wanted) == []


def test_a_range_of_a_file_that_is_too_long_is_refused(server, wanted):
    kept(wanted, DATA[:100])

    with pytest.raises(ModelError, match="longer than 200 bytes"):
        download(limited(wanted, 200))

    assert server.asked == [("/weights.bin", "bytes=100-")]
    assert left(wanted) == []


def test_a_part_that_is_too_long_already_is_not_taken_up(server, wanted):
    kept(wanted, DATA + b"more")

    assert download(limited(wanted, len(DATA))) == SUM
    assert server.asked == [("/weights.bin", "")]


def test_an_answer_of_a_range_not_asked_for_is_refused(server, unknown):
    kept(unknown, DATA[:100])
    server.scripted = [piece(50, 200)]

    with pytest.raises(ModelError, match="a range not asked for"):
        download(unknown)
