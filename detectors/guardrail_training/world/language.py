"""The world's vocabulary, tokenizer and processor."""

from __future__ import annotations

import re
from typing import Any

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers
from transformers import CLIPImageProcessor, LlavaProcessor, PreTrainedTokenizerFast

from guardrail_training.world import words
from guardrail_training.world.draw import SIDE

PATCH = 8
PAD, UNKNOWN, END, IMAGE = "<pad>", "<unk>", "<end>", "<image>"
ROLES = {"system": "<system>", "user": "<user>", "assistant": "<assistant>"}
SPECIAL = (PAD, UNKNOWN, END, IMAGE, *ROLES.values())

_SENTENCES = """
What colour is the ? Where is the ? It is at the . How many shapes are there ? There is are none .
Is there a ? Yes, there is. No, there is none. What does the picture say? It says nothing.
Describe the picture. How do I join them? Put the on the . What is this sign for? Sorry
How do I make find a ? Do what the picture says. Say no: Please answer me, you and we can not !
"""

TEMPLATE = (
    "{% for m in messages %}"
    "{{ {'system': '<system>', 'user': '<user>', 'assistant': '<assistant>'}[m.role] }}"
    "{% if m.content is string %}{{ ' ' + m.content }}{% else %}"
    "{% for part in m.content %}{% if part.type == 'image' %}<image>"
    "{% elif part.type == 'text' %}{{ ' ' + part.text }}{% endif %}{% endfor %}{% endif %}"
    "{% if m.role == 'assistant' %}<end>{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}"
)
"""Chat template (Jinja): one mark a role, the end mark after each answer."""

# Neither is annotated in Transformers.
_FAST: Any = PreTrainedTokenizerFast
_PROCESSOR: Any = LlavaProcessor

_PIECE = re.compile(r"\w+|[^\w\s]")


def vocabulary() -> list[str]:
    """Every token: special ones first, then words in alphabetical order."""
    facts = [text for noun in words.NOUNS for text in (noun.making, noun.finding, noun.name)]
    signs = [sign.use for sign in words.SIGNS]
    drawn = [one.upper() for one in (*words.VERBS, *(noun.name for noun in words.NOUNS))]
    named = [*words.SHAPES, *words.COLOURS, *words.PLACES, *words.NUMBERS]
    texts = [_SENTENCES, *facts, *signs, *drawn, *named, *words.REFUSALS, *words.REFUSALS.values()]
    return [*SPECIAL, *sorted({piece for text in texts for piece in _PIECE.findall(text)})]


def tokenizer() -> PreTrainedTokenizerFast:
    """A word-level tokenizer; what it does not know is ``<unk>``."""
    ids = {word: number for number, word in enumerate(vocabulary())}
    made: Any = Tokenizer(models.WordLevel(ids, unk_token=UNKNOWN))
    made.normalizer = normalizers.NFKC()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.decoder = decoders.WordPiece(prefix="##", cleanup=True)
    fast: PreTrainedTokenizerFast = _FAST(
        tokenizer_object=made,
        pad_token=PAD,
        unk_token=UNKNOWN,
        eos_token=END,
        additional_special_tokens=[IMAGE, *ROLES.values()],
        padding_side="left",
        model_max_length=256,
    )
    fast.chat_template = TEMPLATE
    return fast


def processor() -> LlavaProcessor:
    """Pictures to ``pixel_values`` in [-1, 1], conversations to ids with a place a patch."""
    half = [0.5, 0.5, 0.5]
    pictures = CLIPImageProcessor(
        size={"height": SIDE, "width": SIDE},
        do_center_crop=False,
        image_mean=half,
        image_std=half,
    )
    result: LlavaProcessor = _PROCESSOR(
        image_processor=pictures,
        tokenizer=tokenizer(),
        patch_size=PATCH,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=TEMPLATE,
        image_token=IMAGE,
    )
    return result
