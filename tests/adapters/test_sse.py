"""Event streams, in any split."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from guardrail.errors import WireError
from guardrail_adapters.sse import EventReader, data_of, event, with_data
from tests.adapters.strategies import line_ends, splits, streams, texts


def read(chunks, max_event_bytes=1 << 20):
    reader = EventReader(max_event_bytes)
    events = [one for chunk in chunks for one in reader.feed(chunk)]
    return events + reader.close()


# Bytes that matter to the format, so that short examples hit every corner of it.
noise = st.lists(
    st.sampled_from(
        ["\r", "\n", "\r\n", "data", ":", " ", "data: a", "data:b", ": c", "é", "id: 1"]
    ),
    max_size=14,
).map(lambda pieces: "".join(pieces).encode())


@given(st.data(), st.one_of(noise, streams()))
def test_any_split_gives_the_same_events(data, stream):
    chunks = data.draw(splits(stream))

    assert read(chunks) == read([stream])


@given(st.one_of(noise, streams()))
@example(b"data: a\r\n\r")
@example(b"data: a\n\r\n")
def test_a_byte_at_a_time_gives_the_same_events(stream):
    assert read([stream[i : i + 1] for i in range(len(stream))]) == read([stream])


@given(st.one_of(noise, streams()))
def test_the_bytes_of_the_events_are_the_stream(stream):
    assert b"".join(one.raw for one in read([stream])) == stream


def by_the_standard(stream):
    """Data of each event, as WHATWG HTML section 9.2.6 says it, a line at a time."""
    text = stream.decode().removeprefix("\ufeff")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    events, data = [], []
    for line in lines[:-1]:
        name, _, value = line.partition(":")
        if not line:
            events += ["\n".join(data)] if data else []
            data = []
        elif name == "data":
            data.append(value.removeprefix(" "))
    return events


@given(st.one_of(noise, streams()))
def test_finished_events_carry_the_data_that_the_standard_says(stream):
    stream += b"\n\n"

    assert [one.data for one in read([stream]) if one.data] == [
        data for data in by_the_standard(stream) if data
    ]


EXAMPLES = [
    ("two lines of data", b"data: a\ndata: b\n\n", ["a\nb"]),
    ("no space after the colon", b"data:a\n\n", ["a"]),
    ("only one space is taken", b"data:  a\n\n", [" a"]),
    ("no colon", b"data\n\n", [""]),
    ("a comment", b": hi\n\n", [""]),
    ("other fields", b"event: x\nid: 1\ndata: a\nretry: 5\n\n", ["a"]),
    ("a field that only starts alike", b"database: x\n\n", [""]),
    ("capitals", b"DATA: x\n\n", [""]),
    ("a byte order mark", b"\xef\xbb\xbfdata: a\n\n", ["a"]),
    ("a byte order mark later on", b"data: a\n\n\xef\xbb\xbfdata: b\n\n", ["a", ""]),
    ("an event cut short", b"data: a\n\ndata: b\n", ["a", "b"]),
    ("an event cut short in its line", b"data: b", ["b"]),
    ("carriage returns", b"data: a\r\rdata: b\r\r", ["a", "b"]),
    ("nothing", b"", []),
]


@pytest.mark.parametrize(("name", "stream", "expected"), EXAMPLES)
def test_an_example_of_the_format_is_read(name, stream, expected):
    assert [one.data for one in read([stream])] == expected


def test_an_event_leaves_as_soon_as_its_blank_line_is_there():
    reader = EventReader()

    assert [one.data for one in reader.feed(b"data: a\r\n\r\nda")] == ["a"]
    assert reader.feed(b"ta: b\n") == []
    assert [one.data for one in reader.feed(b"\n")] == ["b"]


def test_utf8_split_within_a_character_is_read_whole():
    first, second = "data: é\n\n".encode().split(b"\xa9")

    assert [one.data for one in read([first, b"\xa9" + second])] == ["é"]


def test_broken_utf8_is_refused_as_the_upstreams_fault():
    with pytest.raises(WireError, match="not UTF-8") as error:
        read([b"data: \xff\n\n"])

    assert error.value.status == 502


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_an_event_that_does_not_end_is_refused_at_its_limit(size):
    reader = EventReader(max_event_bytes=100)

    def feed_for_ever():
        for _ in range(0, 2000, size):
            reader.feed(b"x" * size)

    with pytest.raises(WireError, match="longer than 100 bytes") as error:
        feed_for_ever()

    assert error.value.status == 502


def test_an_event_of_exactly_the_limit_is_read():
    stream = b"data: " + b"x" * 92 + b"\n\n"

    assert len(read([stream], max_event_bytes=100)) == 1
    with pytest.raises(WireError, match="longer than 99"):
        read([stream], max_event_bytes=99)


REWRITES = [
    (b"data: old\n\n", b"data: new\n\n"),
    (b"data:old\r\n\r\n", b"data:new\r\n\r\n"),
    (b"event: x\ndata: o\n: c\ndata: ld\nid: 1\n\n", b"event: x\ndata: new\n: c\nid: 1\n\n"),
    (b"\xef\xbb\xbfdata: old\r\r", b"\xef\xbb\xbfdata: new\r\r"),
    (b"data\ndata: old\n\n", b"data: new\n\n"),
    (b"data: old", b"data: new"),
]


@pytest.mark.parametrize(("raw", "expected"), REWRITES)
def test_new_data_take_the_place_of_the_old_and_other_lines_stay(raw, expected):
    assert with_data(raw, "new") == expected


@given(texts.filter(lambda t: "\n" not in t and "\r" not in t), line_ends)
def test_new_data_are_read_back(text, end):
    raw = f"id: 1{end}data: a{end}data: b{end}{end}".encode()

    assert data_of(with_data(raw, text).decode()) == text


def test_a_new_event_is_read_back():
    assert [one.data for one in read([event("[DONE]")])] == ["[DONE]"]
