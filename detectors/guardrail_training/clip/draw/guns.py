"""Firearms and what is shot from them, of another shape every time."""

from __future__ import annotations

from guardrail_training.clip.draw.motifs import Strokes, filled
from guardrail_training.clip.draw.pen import Generator
from guardrail_training.clip.draw.scenes import Scene
from guardrail_training.clip.draw.shapes import (
    bar,
    box,
    count,
    curved,
    disc,
    fitted,
    line,
    maybe,
    moved,
    one_of,
    posed,
    ring,
    some,
)

_METALS = "metal dark dark steel grey"
_GRIPS = "grip wood dark metal"


def _grip(rng: Generator, x: float, y: float, colour: str) -> Strokes:
    """A handle below (x, y) that leans to the left."""
    wide, long, lean = some(rng, 14, 22), some(rng, 28, 46), some(rng, 2, 16)
    foot = wide * some(rng, 0.9, 1.3)
    grip = [(x, y), (x + wide, y), (x + wide - lean * 0.4, y + long * 0.5)]
    grip += [(x + foot - lean, y + long), (x - lean, y + long), (x - lean * 0.6, y + long * 0.5)]
    found = [filled(colour, grip)]
    if maybe(rng, 0.4):
        found.append(box("dark", x - lean - 1, y + long, foot + 3, 4))
    for row in range(count(rng, 0, 4)):
        level = y + long * (0.25 + row * 0.15)
        left = x - lean * 0.5
        found.append(line("dark", 1.2, [(left + 2, level), (left + wide - 3, level)]))
    return found


def _guard(rng: Generator, x: float, y: float, colour: str) -> Strokes:
    """A trigger in its guard, right below (x, y)."""
    rx, ry = some(rng, 7, 11), some(rng, 6, 9)
    trigger = [(x + rx - 2, y), (x + rx, y + ry), (x + rx - 3, y + ry * 1.3)]
    return [ring(colour, some(rng, 2, 4), x + rx, y + ry - 1, rx, ry), line("dark", 2, trigger)]


def _held(rng: Generator, x: float, y: float) -> Strokes:
    """A fist around a grip."""
    fingers = [
        line("skin", 7, [(x - 4, y + row * 7), (x + 15, y + row * 7 - 1)]) for row in range(4)
    ]
    arm = bar("skin", (x, y + 10), (x - some(rng, 30, 50), y + some(rng, 10, 30)), 22, 24)
    return [arm, *fingers]


def upright_pistol(rng: Generator) -> Strokes:
    """A self-loading pistol that points to the right, not posed."""
    long, high = some(rng, 55, 92), some(rng, 11, 19)
    metal, frame = one_of(rng, _METALS), one_of(rng, _METALS)
    muzzle = some(rng, -4, 4)
    slide = [(0, 0), (long, 0), (long + muzzle, high * 0.6), (long + muzzle - 2, high), (0, high)]
    under = long * some(rng, 0.55, 1.0)
    body = [(3, high), (under, high), (under - 4, high + 7), (26, high + 8), (3, high + 6)]
    x = some(rng, 0, 8)
    found = [*_grip(rng, x, high + 3, one_of(rng, _GRIPS)), *_guard(rng, x + 18, high + 6, frame)]
    found += [filled(frame, body), filled(metal, slide)]
    found += [box(metal, long - 6, -3, 4, 4), box(metal, 3, -3, 4, 4)]
    if maybe(rng, 0.6):
        found.append(box("dark", long * 0.45, 2, long * 0.2, high * 0.35))
    for row in range(count(rng, 0, 6)):
        found.append(line("dark", 1, [(6 + row * 3, 2), (5 + row * 3, high - 2)]))
    if maybe(rng, 0.35):
        found.append(filled(metal, [(0, 2), (-6, -5), (-9, -2), (-2, high * 0.8)]))
    if maybe(rng, 0.25):
        found.append(box("dark", long, high * 0.1, some(rng, 25, 45), high * 0.7))
    if maybe(rng, 0.2):
        found.append(box("dark", under - 20, high + 6, 22, 8))
    return found + (_held(rng, x, high + 10) if maybe(rng, 0.2) else [])


def pistol(rng: Generator) -> Strokes:
    """A self-loading pistol."""
    return posed(rng, upright_pistol(rng))


def revolver(rng: Generator) -> Strokes:
    """A revolver."""
    long, thick = some(rng, 26, 70), some(rng, 6, 11)
    metal, grip = one_of(rng, _METALS), one_of(rng, "wood grip dark white")
    high, wide = some(rng, 18, 26), some(rng, 20, 28)
    frame = [(-6, -4), (wide + 4, -4), (wide + 6, high), (-4, high)]
    handle = [(-8, 2), (6, high - 2), (2, high + 16), (-8, high + 36), (-24, high + 34)]
    handle += [(-18, high + 14), (-14, 8)]
    found = [curved(grip, handle), filled(metal, frame), box(metal, wide, -3, long, thick)]
    found += [box(metal, wide, thick - 2, long * some(rng, 0.5, 0.95), 4)]
    found += [box("dark" if metal != "dark" else "metal", 1, -1, wide, high - 3, 2)]
    for row in range(count(rng, 2, 4)):
        level = 2 + row * (high - 4) / 4
        found.append(line("steel", 1.2, [(4, level), (wide - 3, level)]))
    found += [*_guard(rng, 2, high, metal), filled(metal, [(-6, 0), (-14, -8), (-16, -4), (-8, 8)])]
    found.append(filled(metal, [(wide + long - 5, -3), (wide + long - 1, -8), (wide + long, -3)]))
    return posed(rng, found)


def flintlock(rng: Generator) -> Strokes:
    """An old pistol with a curved stock."""
    long, thick = some(rng, 50, 85), some(rng, 5, 8)
    stock = [(0, 0), (long * 0.9, 2), (long * 0.9, 9), (20, 14), (4, 26), (-12, 44)]
    stock += [(-24, 40), (-14, 18)]
    found = [curved(one_of(rng, "wood grip"), stock), box("metal", 14, -4, long, thick)]
    cock = [(4, 2), (0, -10), (10, -14), (8, -6)]
    found += [filled("metal", cock), *_guard(rng, 16, 12, "gold"), disc("gold", -18, 42, 7, 5)]
    return posed(rng, found)


def _stock(rng: Generator, wood: str) -> Strokes:
    """The shoulder end of a long gun, left of x = 0."""
    long, drop = some(rng, 28, 48), some(rng, 2, 14)
    kind = count(rng, 0, 2)
    if kind == 0:
        butt = [(0, 0), (0, 11), (-long * 0.4, 12), (-long, 18 + drop), (-long, drop - 2)]
        return [filled(wood, butt)]
    if kind == 1:
        rim = [(0, 3), (-long, 3 + drop * 0.3), (-long, 20 + drop * 0.3), (-4, 10)]
        return [line("dark", 3.5, rim)]
    return [box("dark", -long, 3, long, 5), filled(wood, _butt(long))]


def _butt(long: float) -> list[tuple[float, float]]:
    return [(-long * 0.6, 0), (-long - 4, 0), (-long - 4, 22), (-long, 22), (-long * 0.6, 12)]


def _magazine(rng: Generator, x: float, y: float) -> Strokes:
    long, wide = some(rng, 14, 34), some(rng, 8, 13)
    bend = some(rng, 0, 16)
    outer = [(x + wide, y), (x + wide + bend * 0.4, y + long * 0.6), (x + wide + bend, y + long)]
    inner = [(x + bend - 1, y + long + 3), (x + bend * 0.3, y + long * 0.6), (x, y)]
    return [filled(one_of(rng, "dark metal grip"), [*outer, *inner])]


def _optics(rng: Generator, x: float) -> Strokes:
    long = some(rng, 18, 36)
    scope = [box("dark", x, -12, long, 6, 1), box("dark", x + long - 6, -14, 9, 10)]
    feet = [line("dark", 2.5, [(x + part, -6), (x + part, 1)]) for part in (6, long - 6)]
    return [*scope, *feet]


def long_gun(rng: Generator) -> Strokes:
    """A rifle: stock, receiver, barrel, with magazine, scope and bipod by chance."""
    metal, wood = one_of(rng, _METALS), one_of(rng, "wood grip dark green skin")
    body, barrel, fore = some(rng, 30, 46), some(rng, 34, 70), some(rng, 14, 34)
    found = [*_stock(rng, wood), box(metal, 0, 0, body, 11), box(metal, body, 2, barrel, 3.6)]
    found.append(box(wood if maybe(rng, 0.6) else metal, body, 0, fore, some(rng, 7, 10)))
    found += [*moved(_grip(rng, 0, 0, wood), 8, 10, size=0.55), *_guard(rng, 18, 10, metal)]
    armed = count(rng, 0, 2)
    if armed != 1:
        found += _magazine(rng, some(rng, 22, 32), 10)
    found += _optics(rng, some(rng, 4, 16)) if armed else []
    end = body + barrel
    if maybe(rng, 0.5):
        found.append(filled(metal, [(end - 6, 2), (end - 3, -6), (end - 1, 2)]))
    if maybe(rng, 0.3):
        found.append(box("dark", end - 2, 0.5, some(rng, 8, 26), 6.5))
    if maybe(rng, 0.3):
        foot = body + fore + some(rng, 2, 12)
        found += [line("dark", 2.5, [(foot, 5), (foot + way, 32)]) for way in (-9, 9)]
    return posed(rng, found, 0.25)


def launcher(rng: Generator) -> Strokes:
    """A tube on a shoulder that shoots a grenade."""
    tube, long = one_of(rng, "green metal dark wood"), some(rng, 60, 90)
    head = [(long, -4), (long + 14, -9), (long + 34, 1), (long + 14, 11), (long, 6)]
    flare = [(0, -5), (-12, -10), (-12, 12), (0, 7)]
    found = [box(tube, 0, -4, long, 10), filled(tube, flare)]
    found += [curved(one_of(rng, "green dark metal"), head)] if maybe(rng, 0.7) else []
    for x in (long * 0.35, long * 0.6):
        found.append(box("grip", x, 6, 7, some(rng, 14, 22)))
    found += [box("wood", long * 0.1, -6, long * 0.2, 14)] if maybe(rng, 0.5) else []
    found.append(box("dark", long * 0.5, -12, 10, 8))
    return posed(rng, found)


def cartridges(rng: Generator) -> Strokes:
    """One to five cartridges beside each other."""
    wide, long, tip = some(rng, 12, 20), some(rng, 26, 60), some(rng, 12, 34)
    case, head = one_of(rng, "gold gold steel red"), one_of(rng, "wood metal gold dark")
    lean, found = some(rng, -0.2, 0.2), Strokes()
    for number in range(count(rng, 1, 5)):
        point = [(0, 0), (wide * 0.1, -tip * 0.6), (wide * 0.4, -tip), (wide * 0.6, -tip)]
        point += [(wide * 0.9, -tip * 0.6), (wide, 0)]
        one = [curved(head, point, 1), box(case, 0, 0, wide, long)]
        one += [
            box(case, -1.5, long, wide + 3, 4),
            line("dark", 1, [(0, long - 3), (wide, long - 3)]),
        ]
        found += moved(one, number * wide * 1.4, some(rng, -3, 3), lean)
    return posed(rng, found)


def gunman(rng: Generator) -> Strokes:
    """A figure that aims a gun to the right."""
    shirt, skin = one_of(rng, "dark green blue grey wood"), one_of(rng, "skin dark wood")
    head = [disc(skin, 0, 0, 9), line(shirt, 14, [(0, 18), (0, 44)])]
    head += [box("dark", -9, -9, 18, some(rng, 4, 12), 1)] if maybe(rng, 0.6) else []
    legs = [line("dark", 7, [(0, 46), (way, 82)]) for way in (some(rng, -18, -4), some(rng, 4, 18))]
    arms = [line(shirt, 6, [(0, 18), (28, 16)]), line(shirt, 6, [(0, 20), (14, 26), (28, 16)])]
    gun = fitted(upright_pistol(rng), some(rng, 26, 40)) if maybe(rng, 0.5) else None
    rifle = [box("dark", 4, 8, 70, 5), box("dark", 26, 12, 6, 14)]
    found = [*head, *legs, *arms, *(moved(gun, -10, -36) if gun else rifle)]
    return posed(rng, found, 0.08, 0.0)


GUNS: tuple[Scene, ...] = (
    Scene("pistols", "weapons", ("a pistol", "a handgun", "a gun"), pistol, share=4),
    Scene("revolvers", "weapons", ("a revolver", "a handgun"), revolver, share=3),
    Scene("flintlocks", "weapons", ("a flintlock pistol", "an old gun"), flintlock, share=2),
    Scene("long guns", "weapons", ("a rifle", "a gun"), long_gun, share=4),
    Scene("launchers", "weapons", ("a rocket launcher", "a bazooka"), launcher, share=2),
    Scene("cartridges", "weapons", ("ammunition", "bullets", "cartridges"), cartridges, share=3),
    Scene("gunmen", "weapons", ("a gunman", "a person who aims a gun"), gunman, share=3),
)
