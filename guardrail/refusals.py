"""Whether a reply is the model's own refusal, so that it is neither moderated again nor revised.

A refusal opens by saying no, and everything behind that explains the no, offers something else or
points to help. One sentence that does none of these, and the reply is taken for an answer: "I can't
help with that. Mix the two and heat them." is no refusal. Text alone decides; a finish reason does
not, because a provider that cuts an answer off leaves the first half of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from guardrail.types import Part

THRESHOLD = 0.5
"""From this score on a text is a refusal."""

MOST_CHARACTERS = 1200
"""A longer text is an answer, whatever it opens with."""

_OPENING_SENTENCES = 2
_UNEXPLAINED = 0.3
"""What one sentence that does not belong to a refusal leaves of the score."""

_APOSTROPHES = str.maketrans(dict.fromkeys("\u2019\u2018\u02bc\uff07`", "'"))
_MARKS = re.compile(r"[*_#>]+")
_BLANKS = re.compile(r"[ \t]+")
_PIECES = re.compile(r"(?:[^.!?;\n]|(?<=\d)\.(?=\d))+[.!?;]*").findall
"""Sentences, and parts of them behind a semicolon."""
_CLAUSES = re.compile(r",? but |: |, ").split
_TAIL = re.compile(r"(?:because|since|as|if|no matter|even|which|or|nor|and nor|who|so)\b").match
_TAIL_WORDS = 3
"""A clause that short, behind one that says no, says nothing on its own."""


def _any(*patterns: str) -> str:
    return f"(?:{'|'.join(patterns)})"


_CANNOT = _any(
    "can't|cannot|can not|could not|couldn't|won't|will not|shouldn't|should not",
    "must not|may not|don't|do not|(?:do not|don't) feel comfortable",
    "not able|unable|decline|refuse",
    r"(?:am|are|'m|'re|is) (?:not able|unable|not allowed|not permitted|not going|not comfortable)",
    r"(?:am|are|'m|'re|is) (?:not willing|not in a position|prohibited|unwilling|not programmed)",
    r"(?:(?:would|'d) )?(?:rather|prefer) not",
)
_DO = _any(
    r"help\w*(?! but)|assist\w*|aid|provid\w*|comply|fulfil\w*|answer\w*|creat\w*|writ\w*|"
    r"generat\w*",
    r"support\w*|continu\w*|discuss\w*|shar\w*|engag\w*|do (?:that|this|it|so)(?! justice)|"
    r"giv\w*|offer\w*|tell\w*",
    r"explain\w*|describ\w*|participat\w*|produc\w*|respond\w*|go along|carry out|draft\w*|"
    r"read out|read aloud|process\w*|follow\w*",
    r"identify\w*|recogni[sz]e|guess|assum\w*|speculat\w*|mak(?:e|ing)(?! out)|advis\w*|complet\w*",
    r"proceed|go there|go into|talk about|supply|instruct\w*|guid\w*|teach\w*|promot\w*|endorse|"
    r"rank\w*",
    r"facilitat\w*|encourag\w*|reveal|disclos\w*|translat\w*|summari[sz]\w*|play|pretend|fill|"
    r"compare",
    r"accommodate|satisfy|entertain|take part|be (?:of help|part of|involved)|pass|list|walk you|"
    r"judge",
)
_NO = _any(
    # I cannot do it.
    rf"\b(?:i|we)(?: \w+ly| also| really| just| still)?[, ]? ?{_CANNOT}(?: \w+ly)?(?: in "
    rf"(?:\w+ ){{1,3}})?"
    rf"(?: be able to| be| to| from| in| with| on)? ?{_DO}\b",
    r"\b(?:i|we)(?:'m| am|'ll| will)?(?: going to)?(?: must| have to| need to)?(?: respectfully|"
    r" politely)? "
    r"(?:decline(?! to \w+ that)|refuse(?! to believe)|have to pass|pass on (?:this|that))\b",
    # Sorry: it is beyond me.
    rf"\b(?:sorry|apologi[sz]e|apologies|regret|afraid|unfortunately)\b[^.!?]{{0,30}}\b(?:i|"
    rf"we) {_CANNOT} {_DO}\b",
    r"\b(?:sorry|afraid|unfortunately)\b[^.!?]{0,20}\b(?:that's|that is|this is) (?:something|"
    r"beyond|off-limits|outside)",
    r"^(?:that's|that is|this is) (?:beyond|off-limits|outside) ",
    # It is not for me to do.
    r"\b(?:that|this|it)(?:'s| is) not something (?:that )?(?:i|we)\b",
    rf"\b(?:that|this|it)(?:'s| is| would be)(?: \w+){{0,2}} (?:something|request|thing|topic)"
    rf"(?: that)? (?:i|we)"
    rf"(?:'m| am)? (?:{_CANNOT}|not able to) ",
    r"\b(?:that|this|it|doing so|(?:your|this|the) request)\b[^.!?]{0,12}\b(?:goes against|"
    r"violates|would violate|breaches) "
    r"(?:my|our|the (?:usage|content|safety|use)|people's|their)",
    r"^(?:your|this|the) (?:request|prompt|question) (?:can't be|cannot be|was|has been|is)"
    r"(?: being)? "
    r"(?:denied|declined|refused|rejected|fulfilled|answered)[.!]?$",
    r"^(?:your|this|the) (?:request|prompt) (?:can't|cannot) be (?:fulfilled|answered|"
    r"processed) because it violates",
    r"\bit(?:'s| is| would be| wouldn't be| would not be) (?:not |un|in|ir)?(?:appropriate|"
    r"ethical|responsible|right) "
    r"(?:for me to|of me to)\b",
    r"\bmy (?:guidelines|rules|instructions|values) (?:don't|do not) (?:allow|permit|let)\b",
    r"^(?:(?:that|this|it)(?:'s| is) )?a hard no\b|\bno interest in (?:helping|doing|writing)\b",
    r"\b(?:that|this|it) (?:falls outside|is outside|is beyond|goes beyond) (?:of )?what i\b",
    r"\b(?:there is|there's) no way (?:that )?i (?:will|would|can)\b",
    r"^(?:request (?:denied|declined|refused)|no(?: way)?[.,!]?$|absolutely not|"
    r"i refuse(?! to believe)|i decline|not happening)",
    # The commonest words of other languages.
    r"\blo siento\b[^.!?]{0,20}\bno puedo\b|^no puedo (?:ayudar|proporcionar|crear|responder|"
    r"cumplir)",
    r"\bje ne (?:peux|vais|suis) pas\b[^.!?]{0,20}\b(?:aider|répondre|fournir|capable|autorisé|"
    r"faire)",
    r"\bkann (?:ich|dir|ihnen|das|dabei)\b[^.!?]{0,40}\bnicht (?:helfen|tun|beantworten|"
    r"schreiben|geben)\b",
    r"\bnão posso (?:ajudar|fornecer|responder)|\bnon posso (?:aiutar|fornire|rispondere)",
)
_WHY = _any(
    r"illegal|unlawful|against the law|crimes?|criminal|danger\w*|harm\w*|hurt\w*|unsafe|safety|"
    r"(?:not|isn't|be|being) safe|safely",
    r"unethical|ethic\w*|privacy|private|consent|violat\w*|guidelines?|polic(?:y|ies)|rules|"
    r"terms|values",
    r"inappropriate|appropriate|hate\w*|violen\w*|explicit|misus\w*|abus\w*|risk\w*|offensive|"
    r"legal",
    r"discriminat\w*|responsib\w*|wrong|serious|consequences|respect\w*|support|professionals?|"
    r"crisis",
    r"counsel\w*|therapist|hotline|helpline|lifeline|emergency|988|authorities|doctor|lawyer|"
    r"physician",
    r"qualified|copyright\w*|fabricat\w*|misinformation|biometric\w*|permission|minors?|children",
)
_ELSE = _any(
    r"(?:i|we)(?:'d| would| can| could|'m| am|'ll| will)(?: also| still| instead| always| gladly)*"
    r" (?:be |happy|glad|help|here|offer|suggest|encourage|recommend|urge|assist|discuss|explain|"
    r"provide|"
    r"share|talk|point|love|like|write|describe|listen|sorry|summari[sz]e|continue|an ai|"
    r"designed)\b",
    r"if (?:you|there|that|this|it|something)\b|is there\b|would you\b|let me know\b|feel free\b",
    r"please (?:reach|let|contact|consider|call|ask|seek|talk|speak|feel|know|rephrase)\b",
    r"how (?:about|else|can|may|could)\b|what (?:else|i can)\b|"
    r"(?:and )?(?:you(?: are|'re) not alone|there are people who)\b|you deserve\b",
    r"(?:can|could|may|shall) (?:i|we)\b|thank you\b|i(?:'m| am)(?: really| so)? (?:sorry|"
    r"afraid)\b",
    r"i (?:understand|appreciate|realize|realise|know|hope|apologi[sz]e|hear|can see)\b|sorry\b|"
    r"apologies\b",
    r"my (?:purpose|role|goal|aim|guidelines|apologies)\b|ask me\b|anything else\b|happy to\b|"
    r"unfortunately|i do apologi[sz]e|thanks\b|i(?:'m| am) going to stop",
    r"as an ai\b|let me be clear|the (?:text|words?|title) (?:in|of) the (?:image|picture)\b|no$",
    r"désolée?|je suis désolée?|es tut mir leid|lo siento|desculpe|mi dispiace",
)
_BUSY = _any(
    r"```|^ *(?:\d+[.)]|step \d|first(?:ly)?[,:]|[-\u2022] )",
    r"\bhere(?:'s| is| are) (?:a|an|the|how|what|some|my|your|one|that|two|three|five)\b",
    r"\bhypothetically|\bsure[,!:]|\bwith that (?:said|out of)|\bfor educational|\bjust kidding",
    r"\byou(?:'ll| will)? need to\b|\byou (?:should )?start by|\bbegin by|\band yes\b",
)
_refuses = re.compile(_NO).search
_explains = re.compile(rf"\b{_WHY}\b").search
_offers = re.compile(rf"^(?:(?:but|however|instead|still|and|so),? )*{_ELSE}").search
_complies = re.compile(_BUSY, re.MULTILINE).search


def refusal_score(text: str) -> float:
    """How sure it is that ``text`` is a refusal and nothing else, in [0, 1].

    Calibrated on the 150 refusals and 150 answers of ``tests/guardrail/refusals`` that its patterns
    were made for: from ``THRESHOLD`` on none was an answer, and 98 % of the refusals were found. Of
    texts that were written later and looked at once, 14 of 20 refusals were, and 1 of 20 answers.
    """
    if len(text) > MOST_CHARACTERS:
        return 0.0
    plain = _plain(text)
    said = [one.strip() for one in _PIECES(plain) if any(map(str.isalpha, one))]
    opening = next((n for n, one in enumerate(said[:_OPENING_SENTENCES]) if _says_no(one)), None)
    if opening is None:
        return 0.0
    if _complies(plain) or "```" in text:
        return 0.05
    strange = sum(map(_strange, said))
    return float(0.95 * _UNEXPLAINED**strange)


def is_refusal(text: str) -> bool:
    """Whether ``text`` is a refusal and nothing else."""
    return refusal_score(text) >= THRESHOLD


def is_refused(parts: Sequence[Part]) -> bool:
    """Whether a reply is a refusal: all that it says, in every choice.

    A text in the place that a format has for refusals needs no words that sound like one; other
    texts beside it do.
    """
    told = [part for part in parts if part.kind != "text" or part.text.strip()]
    return bool(told) and all(
        part.kind == "text" and (part.ref.endswith("/refusal") or is_refusal(part.text))
        for part in told
    )


def _says_no(sentence: str) -> bool:
    # What stands in quotation marks somebody else says.
    return '"' not in sentence and _refuses(sentence) is not None


def _strange(sentence: str) -> int:
    """How many clauses of a sentence belong to no refusal."""
    strange = 0
    refused = False
    for clause in (one.strip() for one in _CLAUSES(sentence)):
        short = refused and len(clause.split()) <= _TAIL_WORDS
        strange += not (short or _belongs(clause))
        refused = refused or _refuses(clause) is not None
    return strange


def _belongs(clause: str) -> bool:
    return bool(_refuses(clause) or _explains(clause) or _offers(clause) or _TAIL(clause))


def _plain(text: str) -> str:
    lowered = text.translate(_APOSTROPHES).lower().replace("\u201c", '"').replace("\u201d", '"')
    plain = _BLANKS.sub(" ", _MARKS.sub("", lowered)).strip()
    whole = len(plain) > 1 and plain[0] == plain[-1] == '"' and plain.count('"') == 2
    return plain[1:-1] if whole else plain
