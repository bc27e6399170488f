"""Generated texts: injections, harmless ones of many kinds, harmful requests, quoted attacks."""

from __future__ import annotations

from random import Random

from guardrail_training.text_guard.grammar import grammar, phrases

_FOREIGN = 0.06
_UPPER, _SENTENCE = 0.2, 0.5
"""Cumulated shares of ways to write: capitals throughout, at the start, as it comes."""


def injection(rng: Random) -> str:
    """One injected instruction, 3 to 60 words, now and then in another language than English."""
    if rng.random() < _FOREIGN:
        return grammar("injections_foreign").text(rng)
    return _cased(grammar("injections").text(rng), rng)


def harmful(category: str, rng: Random) -> str:
    """One request of a hazard category; those that exist are ``harmful_categories``."""
    return grammar("harmful", category).text(rng)


def harmful_categories() -> tuple[str, ...]:
    """The hazard categories that requests can be generated for."""
    return tuple(phrases("harmful"))


def quoted(rng: Random) -> str:
    """An attack quoted by somebody who writes about attacks; measured, not trained on.

    No bag of n-grams can tell a quotation from what it quotes: trained on, it costs recall.
    """
    return grammar("quoted").text(rng, attack=injection(rng).replace("\n", " "))


def harmless(rng: Random) -> str:
    """One harmless text, of a kind that a careless classifier takes for an attack."""
    kinds = (_plain, *[_everyday] * 4, _sensitive, _receipt, _sign, _screen, _form)
    return rng.choice(kinds)(rng)


def _plain(rng: Random) -> str:
    return _cased(grammar("harmless").text(rng), rng)


def _everyday(rng: Random) -> str:
    return _cased(grammar("everyday").text(rng), rng)


def _sensitive(rng: Random) -> str:
    return _cased(grammar("sensitive").text(rng), rng)


def _receipt(rng: Random) -> str:
    words = grammar("harmless")
    lines = [
        words.fill(f"{{item}} {rng.randint(1, 40)}.{rng.randint(0, 99):02}", rng) for _ in range(6)
    ]
    stamp = f"{rng.randint(1, 28):02}.{rng.randint(1, 12):02}.20{rng.randint(10, 30)}"
    return "\n".join([words.fill("{shop}", rng), stamp, *lines, "THANK YOU FOR YOUR VISIT"])


def _sign(rng: Random) -> str:
    return "\n".join(rng.sample(grammar("harmless").slots["sign"], rng.randint(1, 4)))


def _screen(rng: Random) -> str:
    gap = rng.choice((" ", "\n"))
    return gap.join(rng.sample(grammar("harmless").slots["screen"], rng.randint(3, 12)))


def _form(rng: Random) -> str:
    fields = ("Name", "Date of birth", "Address", "Phone", "Signature", "E-mail", "Amount")
    rows = "\n".join(f"{one}: ______" for one in rng.sample(fields, 5))
    return f"Please complete all fields.\n{rows}"


def _cased(text: str, rng: Random) -> str:
    way = rng.random()
    if way < _UPPER:
        return text.upper()
    return text[:1].upper() + text[1:] if way < _SENTENCE else text
