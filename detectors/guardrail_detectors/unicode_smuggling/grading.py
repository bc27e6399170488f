"""How suspicious a run of invisible characters is, given what stands around it.

==========  =====================================================================================
score       meaning
==========  =====================================================================================
0.95 – 1    a hidden message that was decoded, or characters that have no other use
0.8 – 0.9   long enough to carry a message, or it changes what a reader sees
0.5 – 0.7   no honest use is known, but it can hardly carry a message
0.2 – 0.4   a left-over of copying, word processing or localisation
none        what the script, the emoji or the text's direction needs: no finding
==========  =====================================================================================
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from guardrail_detectors.unicode_smuggling import characters as kinds
from guardrail_detectors.unicode_smuggling.payload import decode

FLAGS = frozenset({"gbeng", "gbsct", "gbwls"})
"""Subdivision flags recommended for interchange; the only tag sequences that keyboards offer."""

_BLACK_FLAG, _CANCEL = "\U0001f3f4", "\U000e007f"
_COLOUR = re.compile(r"\x1b\[[\d;]*m")
_CONCEAL = re.compile(r"\x1b\[(?:\d+;)*8m")
_TAGS = re.compile(f"[{kinds.TAGS}]")
_SELECTORS = re.compile(f"[{kinds.SELECTORS}]")
_OVERRIDES = re.compile("[\u202d\u202e]")
_EMBEDDINGS = re.compile(f"[{kinds.EMBEDDINGS}]")
_FIRST_STRONG = re.compile("[\u2068\u2069]+")
_MARKS = re.compile(f"[{kinds.MARKS}]+")
_BLANKS = re.compile(f"[{kinds.BLANKS}]+")
_SPLIT_WORD = re.compile(
    f"(?<=[A-Za-z])[{kinds.JOINERS}{kinds.OPERATORS}{kinds.MARKS}](?=[A-Za-z])"
)
_SOFT_HYPHEN = "\u00ad"


REMOVED = "\x00"
"""Stands before a run whose neighbour was found: nothing is needed beside what is removed, else
two runs that were judged apart would meet once the one between them is gone."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What of a text decides about all its runs; computed once a text.

    Attributes:
        right_to_left: It has letters written from right to left.
        braille: It has Braille patterns that show dots.
        split_words: Places where one invisible character, no soft hyphen, parts Latin letters.
    """

    right_to_left: bool
    braille: bool
    split_words: int


def setting_of(text: str) -> Setting:
    """The setting of all runs in ``text``."""
    return Setting(
        kinds.RIGHT_TO_LEFT.search(text) is not None,
        re.search("[\u2801-\u28ff]", text) is not None,
        sum(found[0] != _SOFT_HYPHEN for found in _SPLIT_WORD.finditer(text)),
    )


def grade(run: str, before: str, after: str, setting: Setting) -> float:
    """The score of ``run``, 0 when it is as it should be.

    Args:
        run: A match of ``characters.RUN``.
        before: The character before it, "" at the start of the text, ``REMOVED`` after a run
            that was found.
        after: The character after it, "" at the end of the text.
        setting: The text's.
    """
    if run[0] < "\xa0":
        return _grade_control(run)
    if before != REMOVED and _is_needed(run, before, after, setting):
        return 0.0
    return max(_grade_kinds(run, setting), _grade_length(run, before, after, setting))


def _grade_control(run: str) -> float:
    if _CONCEAL.fullmatch(run):
        return 0.9
    if _COLOUR.fullmatch(run):
        return 0.3
    if len(run) > 1 and run[0] in "\x1b\x9b":
        return 0.7
    return 0.6 if len(run) > 1 or run == "\x08" else 0.4


def _is_needed(run: str, before: str, after: str, setting: Setting) -> bool:
    """Whether a writer of the script, of the emoji or of the formula has to put ``run`` there."""
    if run[-1] == _CANCEL and before == _BLACK_FLAG:
        return decode(run) in FLAGS and len(run) == 6
    if len(run) == 1:
        return _is_needed_alone(run, before, after, setting)
    if run == "\ufe0f\u200d":
        return kinds.is_symbol(before) and kinds.is_symbol(after)
    return setting.braille and _BLANKS.fullmatch(run) is not None


def _is_needed_alone(char: str, before: str, after: str, setting: Setting) -> bool:  # noqa: PLR0911
    match char:
        case "\u00ad":
            return before.isalpha() and after.isalpha()
        case "\ufe0e" | "\ufe0f":
            return kinds.takes_emoji_style(before)
        case "\u200d":
            return (kinds.is_symbol(before) and kinds.is_symbol(after)) or kinds.joins(before)
        case "\u200c" | "\u180b" | "\u180c" | "\u180d" | "\u180e" | "\u180f":
            return kinds.joins(before) or kinds.joins(after)
        case "\u200b":
            return kinds.is_unspaced(before) and kinds.is_unspaced(after)
        case "\ufeff":
            return before == ""
        case "\u2800":
            return setting.braille
        case _ if _SELECTORS.match(char):
            return kinds.takes_selector(before, char)
        case _ if _MARKS.match(char):
            return setting.right_to_left
        case _:
            return kinds.is_jamo(before) or kinds.is_jamo(after)


def _grade_kinds(run: str, setting: Setting) -> float:
    """By what the characters are for, however many there are."""
    if _TAGS.search(run):
        return 0.95
    if _OVERRIDES.search(run):
        return 0.6 if setting.right_to_left else 0.9
    if _EMBEDDINGS.search(run):
        honest = setting.right_to_left or _FIRST_STRONG.fullmatch(run)
        return 0.2 if honest else 0.6
    if re.search(f"[{kinds.ANNOTATIONS}{kinds.FILLERS}{kinds.OTHER}]", run):
        return 0.6
    return 0.0


def _grade_length(run: str, before: str, after: str, setting: Setting) -> float:
    """By how much a run of that length can say."""
    if len(run) >= 2 and len(decode(run)) >= 2:
        return 0.97
    if len(set(run)) == 1 and run[0] in "\ufe0f\u2800\u00ad":
        return 0.3 if len(run) < 8 else 0.6  # doubled by careless software, or used as a space
    if len(run) >= 2:
        return min(0.9, 0.3 + 0.1 * len(run))
    if before.isascii() and after.isascii() and before.isalpha() and after.isalpha():
        return 0.8 if setting.split_words >= 3 else 0.4
    return 0.5 if _SELECTORS.match(run) else 0.2
