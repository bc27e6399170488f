"""Letters that look like Latin ones, where compatibility decomposition leaves them as they are.

After the idea of Unicode Technical Standard 39 ("skeletons"); only letters that spell English
words are folded, in words that mix scripts or consist of such letters alone.
"""

from __future__ import annotations

import re

_CYRILLIC = dict(
    zip(
        "аеорсухіјѕԁһӏԛԝьгпткмнвзАВЕКМНОРСТУХІЈЅ",
        "aeopcyxijsdhlqwbrntkmhb3ABEKMHOPCTYXIJS",
        strict=True,
    )
)
_GREEK = dict(zip("αορντυικεηρχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aopvtuikenpxABEZHIKMNOPTYX", strict=True))
_OTHER = dict(zip("ıɑɡʏɪʀʟɴᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢꜱ", "iagyirlnacdejkmoptuvwzs", strict=True))

TABLE = str.maketrans({**_CYRILLIC, **_GREEK, **_OTHER})

LEET = str.maketrans("013457@$!", "oieastasi")

_MIXED = re.compile(r"\b(?=\w*[A-Za-z])(?=\w*[Ͱ-ӿᴀ-ᶿɐ-ʯıꜱ])\w+\b")
# The look ahead is bounded: without a bound its cost is quadratic in a long run of such characters.
_LEET_WORD = re.compile(
    r"\b(?=[\w@$!]{0,40}?(?:[A-Za-z][013457@$!]+[A-Za-z]|[013457][A-Za-z]+[013457]|4[A-Za-z]{2}))[\w@$!]+"
)


def fold(text: str) -> str:
    """``text`` with look-alikes replaced in words that also hold Latin letters."""
    return _MIXED.sub(lambda word: word[0].translate(TABLE), text)


def fold_leet(text: str) -> str:
    """``text`` with digits read as letters inside words: ``1gn0re`` is ``ignore``."""
    return _LEET_WORD.sub(lambda word: word[0].translate(LEET), text)


def leet_words(text: str) -> int:
    """How many words of ``text`` hold digits in the place of letters."""
    return len(_LEET_WORD.findall(text))
