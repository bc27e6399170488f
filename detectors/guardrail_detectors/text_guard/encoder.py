"""The encoder: windows of word pieces through a small transformer with heads on every token."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from guardrail.errors import ModelError
from guardrail_detectors.batching import MicroBatcher
from guardrail_detectors.kept import Kept
from guardrail_detectors.onnx import open_session
from guardrail_detectors.text_guard.network import Passage, Scores, Span
from guardrail_detectors.weights import ModelFolder

FEATURES = "wordpieces_1"

MOST_TOKENS = 256
"""Longest window, with [CLS] and [SEP]."""

OVERLAP = 64
"""Tokens that neighbouring windows share."""

_BUDGET = 4096
"""Tokens of one run: 16 full windows, bounding memory (attention is quadratic in a window)."""

_KEPT = 1024
"""Windows whose scores are kept, 13 KB each at most: a growing reply is judged again and again, and
all of its windows but the last stay as they were."""

_LOUD = 0.5
"""A token belongs to the evidence when it is at least this part as sure as the loudest one."""

_GAP = 6
"""Quiet tokens that do not part two loud ones."""

_STOP = re.compile(r"[.!?](?:\s|$)|\n")
"""Where evidence may begin and end: it is shown and redacted in whole sentences or lines."""

_UNREAD = re.compile(
    "[\u0530-\u058f\u0590-\u08ff\u0900-\u0fff\u10a0-\u10ff\u1200-\u139f\u1780-\u18af"
    "\ufb13-\ufdff\ufe70-\ufefc]"
)
"""Letters of scripts that the base model knows no words of and has learnt no texts in (Armenian,
Hebrew, Arabic, the scripts of India, Thai, Georgian, Ethiopic, Khmer, Mongolian): what it would say
of them is chance, so it is shown blanks, and other words beside them are judged alone."""

_WORD = re.compile(r"[a-z]+")

_SURROGATE = re.compile("[\ud800-\udfff]")

_REACH = 200
"""How far evidence is widened to the end of a sentence, in characters."""


class Tokens(NamedTuple):
    """What the network is shown.

    Attributes:
        ids: Token ids with [CLS] and [SEP].
        third_party: Whether the text is of somebody who may give no orders.
    """

    ids: tuple[int, ...]
    third_party: bool


@dataclass(frozen=True, slots=True)
class Window:
    """Part of a text as the network sees it.

    Attributes:
        tokens: What it is shown.
        span: Characters of the text.
        offsets: For each inner token its characters in the text.
    """

    tokens: Tokens
    span: Span
    offsets: tuple[Span, ...]


Judged = tuple[Scores, NDArray[np.float32]]
"""Scores of a window, shape (labels,), and of its inner tokens, shape (tokens, labels)."""


class EncoderNetwork:
    """Scores windows of up to 256 word pieces; concurrent calls share batches.

    Rows of a batch do not influence one another: activations are quantised token by token, and
    padding is masked. The same text scores the same in any company.

    Args:
        session: An ONNX Runtime session: ``ids``, ``mask``, ``third_party`` → ``scores``,
            ``token_scores``.
        tokenizer: A ``tokenizers.Tokenizer``.
    """

    quick = False

    def __init__(self, session: Any, tokenizer: Any) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._first, self._last = (self._id(name) for name in ("[CLS]", "[SEP]"))
        self._kept: Kept[Tokens, Judged] = Kept(_KEPT)
        self.batched: MicroBatcher[Tokens, Judged] = MicroBatcher(
            self.run, cost=lambda tokens: len(tokens.ids), budget=_BUDGET
        )

    @staticmethod
    def load(folder: ModelFolder, threads: int) -> EncoderNetwork:
        """The network of a verified folder.

        Args:
            folder: With ``model.onnx`` and ``tokenizer.json``.
            threads: Of one run.

        Raises:
            ModelError: The tokenizer does not load.
        """
        from tokenizers import Tokenizer  # noqa: PLC0415 - 30 ms that only a loaded model costs

        path = folder.file("tokenizer.json")
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises bare Exception
            raise ModelError(f"{path}: not a tokenizer that loads: {error}") from error
        session = open_session(folder.file("model.onnx"), threads, spin=threads > 1)
        return EncoderNetwork(session, tokenizer)

    @property
    def words(self) -> tuple[str, ...]:
        """Of the tokenizer's vocabulary, which BERT's has in the order of their frequency."""
        pieces = self._tokenizer.get_vocab()
        return tuple(one for one in sorted(pieces, key=pieces.get) if _WORD.fullmatch(one))

    def judge(self, texts: Sequence[str], third_party: Sequence[bool]) -> list[list[Passage]]:
        """For each text all its windows, at least one, with spans in that text.

        Raises:
            OverloadError: Too many windows wait.
        """
        pairs = zip(texts, third_party, strict=True)
        parts = [self.windows(text, third_party=strange) for text, strange in pairs]
        judged = self._judged({window.tokens for windows in parts for window in windows})
        return [
            [_passage(text, window, *judged[window.tokens]) for window in windows]
            for text, windows in zip(texts, parts, strict=True)
        ]

    def _judged(self, wanted: set[Tokens]) -> dict[Tokens, Judged]:
        found = {tokens: judged for tokens in wanted if (judged := self._kept.get(tokens))}
        missing = sorted(wanted - found.keys(), key=lambda tokens: len(tokens.ids))
        for tokens, judged in zip(missing, self.batched(missing), strict=True):
            found[tokens] = judged
            self._kept.put(tokens, judged)
        return found

    def windows(self, text: str, *, third_party: bool = False) -> list[Window]:
        """``text`` in windows of tokens, neighbours sharing 64; one empty window if it has none."""
        # A lone surrogate is no text to the tokenizer; a model would be shown U+FFFD as well.
        whole = _UNREAD.sub(" ", _SURROGATE.sub("\ufffd", text))
        encoded = self._tokenizer.encode(whole, add_special_tokens=False)
        ids, offsets = encoded.ids, encoded.offsets
        found = []
        for start, end in _steps(len(ids)):
            inner = tuple(offsets[start:end])
            first = 0 if start == 0 else inner[0][0]
            last = len(text) if end == len(ids) else inner[-1][1]
            shown = Tokens((self._first, *ids[start:end], self._last), third_party)
            found.append(Window(shown, (first, last), inner))
        return found

    def run(self, rows: Sequence[Tokens]) -> list[Judged]:
        """What the network says of each row, as one batch."""
        longest = max(len(one.ids) for one in rows)
        ids = np.zeros((len(rows), longest), np.int64)
        mask = np.zeros_like(ids)
        for number, one in enumerate(rows):
            ids[number, : len(one.ids)] = one.ids
            mask[number, : len(one.ids)] = 1
        strange = np.array([one.third_party for one in rows], np.int64)
        scores, tokens = self._session.run(
            ["scores", "token_scores"], {"ids": ids, "mask": mask, "third_party": strange}
        )  # (batch, labels), (batch, tokens, labels)
        return [
            (scores[number].copy(), tokens[number, 1 : len(one.ids) - 1].copy())
            for number, one in enumerate(rows)
        ]

    def _id(self, name: str) -> int:
        number = self._tokenizer.token_to_id(name)
        if number is None:
            raise ModelError(f"the tokenizer has no token {name}")
        return int(number)


def _steps(count: int) -> Iterator[Span]:
    most = MOST_TOKENS - 2
    start = 0
    while True:
        end = min(count, start + most)
        yield start, end
        if end == count:
            return
        start = end - OVERLAP


def _passage(text: str, window: Window, scores: Scores, tokens: NDArray[np.float32]) -> Passage:
    if not window.offsets:
        return Passage(window.span, scores)
    where = tuple(_evidence(text, window, tokens[:, column]) for column in range(tokens.shape[1]))
    return Passage(window.span, scores, where)


def _evidence(text: str, window: Window, loudness: NDArray[np.float32]) -> Span:
    """The sentences around the loudest token that hold loud ones."""
    peak = int(loudness.argmax())
    loud = np.flatnonzero(loudness >= _LOUD * loudness[peak])
    first = last = peak
    for token in loud[loud > peak]:
        if token - last > _GAP:
            break
        last = int(token)
    for token in loud[loud < peak][::-1]:
        if first - token > _GAP:
            break
        first = int(token)
    return widened(text, (window.offsets[first][0], window.offsets[last][1]), window.span)


def widened(text: str, span: Span, limits: Span) -> Span:
    """``span`` out to the sentences or lines it touches, at most 200 characters either way."""
    start, end = span
    low, high = max(limits[0], start - _REACH), min(limits[1], end + _REACH)
    before = [match.end() for match in _STOP.finditer(text, low, start)]
    after = _STOP.search(text, max(low, end - 1), high)
    first = before[-1] if before else (limits[0] if low == limits[0] else start)
    last = after.end() if after else (limits[1] if high == limits[1] else end)
    while first < start and text[first].isspace():
        first += 1
    while last > end and text[last - 1].isspace():
        last -= 1
    return first, last
