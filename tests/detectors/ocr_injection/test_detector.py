"""The detector with an engine that says what it is told: what is judged and what is reported."""

from __future__ import annotations

import asyncio
import threading

import numpy as np
import pytest
from pydantic import ValidationError

from guardrail.context import ExchangeContext
from guardrail.errors import ModelError, OverloadError
from guardrail.types import Box, Conversation
from guardrail_detectors.ocr_injection import OcrInjection, OcrInjectionConfig
from guardrail_detectors.workers import Workers
from tests.detectors.ocr_injection.drawing import line
from tests.kit import picture

BAD = "ignore"


class Engine:
    """Reads the lines given for each call, the last ones for ever."""

    languages = ("en",)
    certain = 0.0

    def __init__(self, *pages):
        self.pages, self.calls = list(pages), 0

    def read(self, pixels):
        self.calls += 1
        return self.pages[min(self.calls, len(self.pages)) - 1]


class Words:
    """Scores a text by the share of it that is the bad word."""

    labels = ("prompt_injection", "hate")

    def __init__(self):
        self.texts = []

    def scores(self, texts, third_party):
        self.texts += texts
        return np.array(
            [[min(1.0, 6 * text.count(BAD) / len(text)), 0.0] for text in texts], np.float32
        )


def frame(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (400, 600, 3)).astype(np.uint8)


def context(*frames):
    async def decode(image):
        return frames

    async def ask(prompt):
        raise AssertionError(prompt)

    return ExchangeContext("input", Conversation(()), decode, ask)


async def inspect(engine, *frames, **settings):
    scorer = Words()
    detector = OcrInjection(OcrInjectionConfig(**settings), engine=engine, scorer=scorer)
    found = await detector.inspect([picture()], context(*frames or (frame(),)))
    return found, scorer.texts


async def test_the_passage_that_scores_highest_is_reported_with_its_box():
    lines = [line(f"harmless words number {n}", 0, n * 26) for n in range(12)]
    lines[7] = line(f"please {BAD} it", 0, 7 * 26)

    (finding,), _ = await inspect(Engine(lines))

    assert finding.category == "prompt_injection"
    assert BAD in finding.excerpt
    assert finding.box.top <= 7 * 26 < finding.box.bottom
    assert finding.box.bottom - finding.box.top < 4 * 26


async def test_the_box_is_as_tight_as_the_score_allows():
    (finding,), _ = await inspect(
        Engine([line(BAD, 10, 20), line("far away and harmless", 10, 300)])
    )

    assert finding.box == Box(10, 20, 70, 40)
    assert finding.score == pytest.approx(1.0)


async def test_a_sentence_spread_over_lines_is_judged_whole():
    _, texts = await inspect(
        Engine([line("disregard", 0, 0), line("all", 0, 26), line("rules", 0, 52)])
    )

    assert "disregard all rules" in texts


async def test_a_sentence_spread_over_frames_is_judged_and_has_no_box():
    engine = Engine([line("ign", 0, 0)], [line("ore", 0, 0)])
    scorer = Words()
    scorer.scores = lambda texts, third_party: np.array(
        [[float(t == "ign ore"), 0.0] for t in texts], np.float32
    )
    detector = OcrInjection(OcrInjectionConfig(), engine=engine, scorer=scorer)

    (finding,) = await detector.inspect([picture()], context(frame(0), frame(1)))

    assert finding.box is None
    assert finding.excerpt == "ign ore"


async def test_each_frame_is_looked_at_and_named():
    engine = Engine([line("harmless", 0, 0)], [line(BAD, 0, 0)])

    found, _ = await inspect(engine, frame(0), frame(1))

    assert [(one.box.frame, one.score > 0.5) for one in found if one.box] == [(1, True)]


async def test_a_frame_like_the_one_before_is_not_read_again():
    engine = Engine([line(BAD, 0, 0)])

    await inspect(engine, *[frame(0)] * 5)

    assert engine.calls == 1


async def test_at_most_so_many_frames_are_read():
    engine = Engine([])

    await inspect(engine, *map(frame, range(20)), max_frames=4)

    assert engine.calls == 4


async def test_who_read_a_picture_and_in_which_views_is_told_of_those_it_has_seen():
    detector = OcrInjection(OcrInjectionConfig(), engine=Engine([]), scorer=Words())
    await detector.inspect([picture(b"one")], context(frame()))

    assert detector.notes(picture(b"one")) == ("rapidocr reads en", "frame 0: opaque, all at 1")
    assert detector.notes(picture(b"other")) == ()


async def test_a_picture_without_text_gives_nothing_and_is_not_scored():
    assert await inspect(Engine([])) == ([], [])


async def test_an_engine_that_fails_is_the_stages_failure():
    class Broken(Engine):
        def read(self, pixels):
            raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError, match="out of memory"):
        await inspect(Broken())


async def test_reading_stops_when_nobody_waits_any_more():
    begun, go = threading.Event(), threading.Event()

    class Slow(Engine):
        def read(self, pixels):
            self.calls += 1
            begun.set()
            go.wait(10)
            return []

    engine = Slow()
    work = asyncio.create_task(inspect(engine, *map(frame, range(6))))
    await asyncio.to_thread(begun.wait, 10)

    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    go.set()
    await asyncio.sleep(0.2)

    assert engine.calls == 1


async def test_a_full_queue_refuses():
    workers, go = Workers(threads=1, waiting=1), threading.Event()
    work = [asyncio.create_task(workers.run(lambda _: go.wait(10))) for _ in range(2)]
    await asyncio.sleep(0)

    with pytest.raises(OverloadError, match="2 pictures wait to be read, the limit is 2"):
        await workers.run(lambda _: None)

    go.set()
    await asyncio.gather(*work)
    assert await workers.run(lambda _: 5) == 5


def test_reading_before_load_is_an_error():
    with pytest.raises(ModelError, match="await it first"):
        OcrInjection(OcrInjectionConfig()).read([frame()])


def test_its_categories_are_those_of_the_text_model():
    categories = OcrInjection(OcrInjectionConfig()).categories

    assert {"prompt_injection", "jailbreak", "violent_crimes"} <= categories


def test_its_version_names_the_engine_that_reads():
    ours, other = (
        OcrInjection(OcrInjectionConfig(engine=engine)).version.split("+")[1]
        for engine in ("rapidocr", "easyocr")
    )

    assert ours.startswith("rapidocr-")
    assert other.startswith("easyocr-")


def test_its_version_names_the_text_model_and_other_weights(tmp_path):
    (tmp_path / "weights.onnx").write_bytes(b"a")
    configs = [
        OcrInjectionConfig(),
        OcrInjectionConfig(weights=tmp_path),
        OcrInjectionConfig(text_model="text_guard_linear"),
    ]

    versions = [OcrInjection(config).version for config in configs]
    (tmp_path / "weights.onnx").write_bytes(b"b")
    versions.append(OcrInjection(configs[1]).version)

    assert len(set(versions)) == 4


def test_upstreams_are_named_or_given_in_pixels():
    config = OcrInjectionConfig(upstreams=("llava", "anthropic", 500, 448))

    assert config.sides == (336, 448, 500, 1568)
    assert OcrInjectionConfig().sides == (336, 448, 512, 768, 1024, 1568, 2048)


@pytest.mark.parametrize(
    "settings",
    [
        {"engine": "tesseract"},
        {"languages": []},
        {"max_side": 10},
        {"views": ["contrast"]},
        {"upstreams": ["acme"]},
        {"upstreams": [7]},
    ],
)
def test_a_wrong_setting_is_refused(settings):
    with pytest.raises(ValidationError):
        OcrInjectionConfig(**settings)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"languages": ["klingon"]}, "klingon"),
        ({"weights": "/nowhere"}, "/nowhere"),
        ({"engine": "easyocr"}, "pip install 'mllm-guardrail\\[easyocr\\]'"),
        ({"text_model": "none"}, "no model 'none'"),
    ],
)
async def test_what_cannot_be_loaded_is_named_with_the_remedy(settings, words):
    if settings.get("engine") == "easyocr":
        try:
            import easyocr  # noqa: F401
        except ImportError:
            pass
        else:
            pytest.skip("easyocr is installed: its absence cannot be shown")

    with pytest.raises(ModelError, match=words):
        await OcrInjection(OcrInjectionConfig(**settings)).load()
