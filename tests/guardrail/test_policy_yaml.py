from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from guardrail.errors import PolicyError
from guardrail.policy_yaml import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_VALUES,
    Place,
    Problem,
    dotted,
    lookup,
    read_yaml,
)


def read(text: str | bytes):
    return read_yaml(text if isinstance(text, bytes) else text.encode(), "p.yaml")


def problems(text: str) -> str:
    document = read(text)
    return str(document.error(document.problems))


def refusal(text: str | bytes) -> str:
    with pytest.raises(PolicyError) as caught:
        read(text)
    return str(caught.value)


def test_values_are_plain_and_every_one_has_its_place():
    document = read("a: 1\nb:\n  - x\n  - {c: 2.5, d: true}\n")

    assert document.value == {"a": 1, "b": ["x", {"c": 2.5, "d": True}]}
    assert document.place(("b", 1, "c")) == Place(4, 9)
    assert document.place(("b", 1, "c"), key=True) == Place(4, 6)
    assert document.place(("b", 0)) == Place(3, 5)
    assert document.problems == []


def test_a_path_that_is_not_there_stands_where_what_encloses_it_stands():
    document = read("a:\n  b: 1\n")

    assert document.place(("a", "missing", 3)) == Place(2, 3)
    assert document.place(("z",), key=True) == Place(1, 1)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-7", -7),
        ("0", 0),
        ("0.5", 0.5),
        (".5", 0.5),
        ("1.5e+3", 1500.0),
        ("true", True),
        ("No", False),
        ("on", True),
        ("~", None),
        ("", None),
        ("text", "text"),
        ("2024-01-31", "2024-01-31"),
        ("1e5", "1e5"),
        ('"12"', "12"),
        ("=", "="),
        ("!!str 12", "12"),
        ("!!int 12", 12),
    ],
)
def test_scalars_are_read_as_yaml_1_1_reads_them(text, value):
    document = read(f"a: {text}\n")

    assert document.value == {"a": value}
    assert type(document.value["a"]) is type(value)
    assert document.problems == []


@pytest.mark.parametrize(
    "number", ["010", "0x1F", "1_000", "1:30", "0b11", ".inf", "-.inf", ".nan", "1:30.5", "9" * 19]
)
def test_a_number_that_readers_disagree_about_is_refused(number):
    message = problems(f"a:\n  b: {number}\n")

    assert message == (
        f"p.yaml:2:6: a.b: YAML reads {number!r} as a number in an odd notation; "
        "write it in plain decimal digits, or in quotes if it is a text"
    )


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python/object/apply:os.system [echo]",
        "a: !!python/name:os.system",
        "a: !!binary aGk=",
        "a: !!set {x: null}",
        "a: !!omap [x: 1]",
        "a: !mine 5",
        "a: !!int twelve",
        "a: !!bool maybe",
        "!!python/object:os.Foo {}",
    ],
)
def test_tags_are_data_that_is_not_read(text):
    assert "is not read" in problems(text) or "odd notation" in problems(text)


def test_a_repeated_key_names_both_lines_and_the_first_value_stays():
    document = read("a: 1\nb: 2\na: 3\n")

    assert document.value == {"a": 1, "b": 2}
    assert str(document.error(document.problems)) == (
        "p.yaml:3:1: a: the key is repeated; it stands at line 1 already"
    )


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("on", "the key at line 2, column 3: YAML reads 'on' as bool; write \"on\""),
        ("5", "the key at line 2, column 3: YAML reads '5' as int; write \"5\""),
        ("<<", "the key at line 2, column 3: merge keys (<<) are not read; repeat the entries"),
        ("? [x]\n  ", "the key at line 2, column 5 is not text"),
    ],
)
def test_keys_are_texts(key, said):
    document = read(f"a:\n  {key}: {{c: 1}}\n")

    assert document.value == {"a": {}}
    assert said in str(document.error(document.problems))


def test_every_problem_is_listed_in_the_order_of_the_file():
    lines = problems("a: 010\nb: 0x1\na: 3\n").splitlines()

    assert [line.split(":")[1] for line in lines] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1, 2", "p.yaml:1:9: not YAML that is read here: expected ',' or ']'"),
        ("a:\n\t- b", "p.yaml:2:1: not YAML that is read here: found character '\\t'"),
        ("a: 'x", "p.yaml:1:6: not YAML that is read here: found unexpected end of stream"),
        ("a: *b", "p.yaml:1:4: not YAML that is read here: found undefined alias 'b'"),
        ("a: 1\n---\nb: 2", "p.yaml:2:1: not YAML that is read here: but found another document"),
        ("a: \x00", "p.yaml:1:4: the character '\\x00' is not allowed in YAML"),
        ("a: 1\nb: \x07", "p.yaml:2:4: the character '\\x07' is not allowed in YAML"),
        ('a: "\\UFFFFFFFF"', "p.yaml:1:1: not YAML:"),
        (f"%YAML 1.{'9' * 5000}\n--- a", "p.yaml:1:1: not YAML:"),
        ("", "p.yaml:1:1: the file holds no values"),
        ("# nothing\n", "p.yaml:1:1: the file holds no values"),
        (b"a: 1\nb: \xff", "p.yaml:2:4: not UTF-8 text; save the file as UTF-8"),
        ("a: 1".encode("utf-16"), "p.yaml:1:1: not UTF-8 text; save the file as UTF-8"),
    ],
)
def test_what_is_no_yaml_is_refused_with_its_place(text, said):
    assert refusal(text).startswith(said)


def test_a_tab_is_answered_with_what_to_type():
    assert refusal("a:\n\tb: 1").endswith("; indent with spaces, not tabs")


def test_a_byte_order_mark_is_no_part_of_the_first_key():
    assert read(b"\xef\xbb\xbfa: 1").value == {"a": 1}


def test_a_long_file_is_refused_before_it_is_parsed():
    assert refusal("a: " + "x" * MAX_BYTES) == (
        f"p.yaml:1:1: longer than {MAX_BYTES} bytes; split the file"
    )


@pytest.mark.parametrize("deep", ["[" * 5000, "{a: " * 5000, "- " * 5000, "? " * 5000])
def test_depth_is_bounded_however_the_file_ends(deep):
    assert f"nested over {MAX_DEPTH} deep" in refusal(deep)


def test_the_deepest_file_that_is_read_is_read():
    inner = MAX_DEPTH - 1

    assert read("[" * inner + "]" * inner).value is not None


def test_many_values_are_refused():
    assert f"over {MAX_VALUES} values" in refusal("[" + "a," * (MAX_VALUES + 1) + "]")


def test_aliases_repeat_values():
    assert read("a: &r [1]\nb: *r\n").value == {"a": [1], "b": [1]}


def test_a_billion_laughs_are_not_laughed():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]

    assert f"aliases amount to over {MAX_VALUES} values" in refusal("\n".join(lines))


@pytest.mark.parametrize("text", ["a: &a [*a]", "a: &a {b: *a}", "&r [*r, *r]"])
def test_an_alias_of_what_it_stands_in_is_refused(text):
    assert "aliases amount to" in refusal(text)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("a",), "a"),
        (("input", 0, "rules", 12, "at_least"), "input[0].rules[12].at_least"),
        (("a", "b c", 1), "a['b c'][1]"),
        ((0, "id"), "[0].id"),
    ],
)
def test_a_path_is_written_as_people_write_it(path, text):
    assert dotted(path) == text


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((), {"a": [1, {"b": 2}]}),
        (("a", 1, "b"), 2),
        (("a", 5), None),
        (("a", "b"), None),
        (("z", "b"), None),
    ],
)
def test_a_look_up_outside_the_values_is_none(path, value):
    assert lookup({"a": [1, {"b": 2}]}, path) == value


def test_equal_problems_are_said_once():
    document = read("a: 1")
    twice = [Problem(("a",), "wrong"), Problem(("a",), "wrong")]

    assert str(document.error(twice)) == "p.yaml:1:4: a: wrong"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(max_size=8), VALUES, min_size=1))
def test_what_yaml_dumps_is_read_back(values):
    document = read(yaml.safe_dump(values))

    assert document.value == values
    assert document.problems == []


def read_or_refused(text: str | bytes) -> str:
    data = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    try:
        return f"p:{read_yaml(data, 'p').values[()].line}"
    except PolicyError as error:
        return str(error)


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_any_text_is_read_or_refused(text):
    assert read_or_refused(text).startswith("p:")


@given(st.text(alphabet="[]{}:,-?&*!|>'\"%@` \n\tab#0<=\\U~", max_size=60))
def test_any_heap_of_yaml_signs_is_read_or_refused(text):
    assert read_or_refused(text).startswith("p:")
