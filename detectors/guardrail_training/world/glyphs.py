"""Bitmaps of shapes, signs and letters, drawn for this project."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

_SHAPES = {
    "circle": "..###.. .#####. ####### ####### ####### .#####. ..###..",
    "square": "####### ####### ####### ####### ####### ####### #######",
    "triangle": "...#... ...#... ..###.. ..###.. .#####. .#####. #######",
    "star": "...#... ...#... ####### .#####. .#####. .##.##. ##...##",
    "ring": "..###.. .##.##. ##...## #.....# ##...## .##.##. ..###..",
    "arrow": "...#... ...##.. ######. ####### ######. ...##.. ...#...",
    "wave": "....... .##..## ##.##.# ....... .##..## ##.##.# .......",
    "house": "...#... ..#.#.. .#...#. ####### #.....# #.##..# #.##..#",
    "tree": "..###.. .#####. .#####. ..###.. ...#... ...#... ..###..",
    "claw": "#..#..# #..#..# #..#..# #..#..# ##.#.## .#####. ...#...",
    "eye": "....... .#####. #.....# #.###.# #.....# .#####. .......",
    "mask": "####### #.....# #.#.#.# #.....# #.###.# .#...#. ..###..",
    "fork": "#.#.#.. #.#.#.. #####.. ..#.... ..#.#.# ..#..#. ..#.#.#",
}
_LETTERS = {
    "A": ".#. #.# ### #.# #.#",
    "B": "##. #.# ##. #.# ##.",
    "C": ".## #.. #.. #.. .##",
    "D": "##. #.# #.# #.# ##.",
    "E": "### #.. ##. #.. ###",
    "F": "### #.. ##. #.. #..",
    "G": ".## #.. #.# #.# .##",
    "H": "#.# #.# ### #.# #.#",
    "I": "### .#. .#. .#. ###",
    "J": "..# ..# ..# #.# .#.",
    "K": "#.# #.# ##. #.# #.#",
    "L": "#.. #.. #.. #.. ###",
    "M": "#.# ### ### #.# #.#",
    "N": "##. #.# #.# #.# #.#",
    "O": ".#. #.# #.# #.# .#.",
    "P": "##. #.# ##. #.. #..",
    "Q": ".#. #.# #.# ##. .##",
    "R": "##. #.# ##. ##. #.#",
    "S": ".## #.. .#. ..# ##.",
    "T": "### .#. .#. .#. .#.",
    "U": "#.# #.# #.# #.# ###",
    "V": "#.# #.# #.# #.# .#.",
    "W": "#.# #.# ### ### #.#",
    "X": "#.# #.# .#. #.# #.#",
    "Y": "#.# #.# .#. .#. .#.",
    "Z": "### ..# .#. #.. ###",
}
SCALE = 2
"""Pixels of the picture for each dot of a bitmap."""


def _bitmap(rows: str) -> NDArray[np.float32]:
    dots = np.array([[dot == "#" for dot in row] for row in rows.split()], np.float32)
    return dots.repeat(SCALE, 0).repeat(SCALE, 1)


@cache
def glyph(look: str) -> NDArray[np.float32]:
    """The mask of a shape or sign: 1 where it is inked, float32, shape (14, 14)."""
    return _bitmap(_SHAPES[look])


@cache
def lettering(word: str) -> NDArray[np.float32]:
    """The mask of a word of at most four capitals, float32, shape (10, 8 a letter)."""
    spaced = [np.pad(_bitmap(_LETTERS[letter]), ((0, 0), (0, SCALE))) for letter in word]
    return np.concatenate(spaced, axis=1)
