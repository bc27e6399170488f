from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageStat

from guardrail.errors import PolicyError
from guardrail.fence import check_word
from guardrail.policy_yaml import dotted, read_yaml
from guardrail.probe_run import Scripted
from guardrail.probes import ProbeImage, load_probes, probe_image
from guardrail.types import Action

FULL = """\
- id: everything
  input:
    text: hello
    messages: [{role: user, content: hi}]
    image:
      text: in the picture
      size: [400, 100]
      font_px: 20
      color: "#102030"
      background: "#fefefe"
  side: input
  answers: []
  expect:
    action: block
    category: hate
  objective: shows every key
"""
PLAIN = "- {id: a, input: {text: hello}, expect: {action: allow}, objective: passes}\n"


@pytest.fixture
def probes(tmp_path: Path):
    def written(text: str):
        path = tmp_path / "p.probes.yaml"
        path.write_text(text)
        return load_probes(path)

    return written


def refusal(probes, tmp_path: Path, text: str) -> str:
    with pytest.raises(PolicyError) as caught:
        probes(text)
    return str(caught.value).replace(f"{tmp_path}/", "")


def test_a_probe_says_all_that_it_can(probes):
    [probe] = probes(FULL)

    assert probe.id == "everything"
    assert probe.input.messages == ({"role": "user", "content": "hi"},)
    assert probe.input.image == ProbeImage(
        text="in the picture", size=(400, 100), font_px=20, color="#102030", background="#fefefe"
    )
    assert probe.expect.severity is Action.BLOCK
    assert probe.expect.category == "hate"


def test_a_short_probe_judges_the_request(probes):
    [probe] = probes(PLAIN)

    assert probe.side == "input"
    assert probe.expect.severity is Action.ALLOW
    assert probe.input.image is None


def test_probes_keep_the_order_of_the_file(probes):
    assert [p.id for p in probes(PLAIN + PLAIN.replace("id: a", "id: 0b"))] == ["a", "0b"]


PATHS = [path for path in read_yaml(FULL.encode(), "p").keys if "messages" not in path[:-1]]


def test_every_key_of_a_probe_is_misspelt_below():
    assert len(PATHS) == 16


@pytest.mark.parametrize("path", PATHS, ids=dotted)
def test_a_misspelt_key_is_answered_with_its_place_and_the_right_key(probes, tmp_path, path):
    place = read_yaml(FULL.encode(), "p").place(path, key=True)
    lines = FULL.splitlines(keepends=True)
    at = place.column - 1 + len(path[-1])
    lines[place.line - 1] = lines[place.line - 1][:at] + "z" + lines[place.line - 1][at:]

    said = refusal(probes, tmp_path, "".join(lines)).splitlines()

    where = f"p.probes.yaml:{place.line}:{place.column}: {dotted(path)}z: unknown key "
    assert [f"did you mean {path[-1]!r}?" in one for one in said if one.startswith(where)] == [True]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (PLAIN + PLAIN, "p.probes.yaml:2:8: [1].id: 'a' is the id of probe 0 already"),
        (PLAIN.replace("{text: hello}", "{}"), "p.probes.yaml:1:18: [0].input: sends nothing: give text, messages or image"),
        (PLAIN.replace("allow", "allow, category: hate"), "p.probes.yaml:1:41: [0].expect: allow has no category"),
        (PLAIN.replace("allow", "alow"), "p.probes.yaml:1:50: [0].expect.action: expected 'allow', 'flag', 'redact', 'revise' or 'block', got 'alow'; did you mean 'allow'?"),
        (FULL.replace("side: input", "side: output"), "p.probes.yaml:1:3: [0]: side output judges a reply: give input.text and nothing else"),
        (FULL.replace("[400, 100]", "[400]"), "p.probes.yaml:7:13: [0].input.image.size: expected at least 2 in the list"),
        (FULL.replace("[400, 100]", "[400, 1]"), "p.probes.yaml:7:19: [0].input.image.size[1]: expected at least 16, got the number 1"),
        (FULL.replace('"#102030"', "red"), "p.probes.yaml:9:14: [0].input.image.color: expected a text of the form"),
        (FULL.replace('"#102030"', "#102030"), "p.probes.yaml:9:7: [0].input.image.color: has no value"),
        (FULL.replace("answers: []", "answers: [yes]").replace("yes", "no more"), "p.probes.yaml:1:3: [0]: answers are for stages over replies: give side output"),
        ("probes: []", "p.probes.yaml:1:1: expected a list, got a mapping"),
        ("- 5", "p.probes.yaml:1:3: [0]: expected a mapping, got the number 5"),
        ("", "p.probes.yaml:1:1: the file holds no values"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_probes_is_said_with_its_place(probes, tmp_path, text, said):
    assert refusal(probes, tmp_path, text).startswith(said)


def test_probes_that_are_not_there_are_named(tmp_path):
    with pytest.raises(PolicyError, match=r"none\.probes\.yaml' is not a file; check the path"):
        load_probes(tmp_path / "none.probes.yaml")


def drawn(spec: ProbeImage) -> Image.Image:
    return Image.open(BytesIO(probe_image(spec)))


def test_a_picture_has_the_size_and_the_colours_asked_for():
    image = drawn(ProbeImage(text="HELLO", size=(300, 80), color="#ff0000", background="#00ff00"))

    assert image.format == "PNG"
    assert image.size == (300, 80)
    assert image.getpixel((0, 0)) == (0, 255, 0)
    assert (255, 0, 0) in {colour for _, colour in image.getcolors(100_000)}


def test_a_picture_is_the_same_every_time():
    spec = ProbeImage(text="the same bytes")

    assert probe_image(spec) == probe_image(spec)


def test_a_long_text_is_wrapped_inside_the_picture():
    image = drawn(ProbeImage(text="words " * 30, size=(300, 400), font_px=20)).convert("L")
    edges = [image.crop((0, 0, 16, 400)), image.crop((284, 0, 300, 400))]
    lower = image.crop((0, 100, 300, 200))

    assert [ImageStat.Stat(edge).extrema[0] for edge in edges] == [(255, 255)] * 2
    assert ImageStat.Stat(lower).extrema[0][0] < 50


def test_line_breaks_are_kept():
    one = drawn(ProbeImage(text="a b", size=(100, 100)))
    two = drawn(ProbeImage(text="a\nb", size=(100, 100)))

    assert one.tobytes() != two.tobytes()


@pytest.mark.parametrize("text", ["word " * 200, "unbreakable" * 20])
def test_a_text_that_does_not_fit_is_no_probe(text):
    with pytest.raises(PolicyError, match=r"a picture of 200x100 does not hold 'wor|unb"):
        probe_image(ProbeImage(text=text, size=(200, 100)))


async def test_a_model_that_stages_ask_answers_from_the_probes_list():

    asked = Scripted(["{check} a", "{check} b"])
    words = [check_word("x"), check_word("y")]

    told = [await asked(f"{words[1]} is fenced; say {words[0]}") for _ in range(3)]

    assert told == [f"{words[0]} a", f"{words[0]} b", f"{words[0]} b"]
    assert await asked("no check word") == " b"


TRIANGLE = {"points": [[10, 10], [90, 10], [50, 90]], "fill": "#ff0000"}


def test_shapes_are_drawn_in_their_order_below_the_text():
    disc = {"points": [[30, 20], [70, 60]], "kind": "ellipse", "fill": "#0000ff"}
    spec = ProbeImage.model_validate({"shapes": [TRIANGLE, disc], "size": [100, 100]})

    image = drawn(spec)

    assert [image.getpixel(at) for at in ((2, 2), (20, 15), (50, 40))] == [
        (255, 255, 255),
        (255, 0, 0),
        (0, 0, 255),
    ]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "shows nothing: give text or shapes"),
        ({"shapes": [{**TRIANGLE, "kind": "ellipse"}]}, "an ellipse has two points"),
        ({"shapes": [{**TRIANGLE, "points": [[1, 1], [2, 2]]}]}, "a polygon three or more"),
        ({"shapes": [{**TRIANGLE, "points": [[1, 1, 1]] * 3}]}, "at most 2 items"),
        ({"shapes": [{**TRIANGLE, "fill": "red"}]}, "pattern"),
        ({"shapes": [TRIANGLE] * 65}, "at most 64 items"),
    ],
)
def test_a_picture_that_shows_nothing_or_a_shape_that_is_none_is_refused(given, words):
    with pytest.raises(ValueError, match=words):
        ProbeImage.model_validate(given)
