from __future__ import annotations

import pytest

from guardrail.errors import PolicyError
from guardrail.policy_problems import validated
from guardrail.policy_yaml import read_yaml
from guardrail.taxonomy import Taxonomy, categories, from_external, taxonomy

HAZARDS = [
    "violent_crimes",
    "non_violent_crimes",
    "sex_crimes",
    "child_exploitation",
    "defamation",
    "specialized_advice",
    "privacy",
    "intellectual_property",
    "indiscriminate_weapons",
    "hate",
    "self_harm",
    "sexual_content",
    "elections",
    "code_interpreter_abuse",
]
OURS = [
    "prompt_injection",
    "jailbreak",
    "data_exfiltration",
    "hidden_text",
    "adversarial_image",
    "identity",
    "ungrounded_inference",
    "system_prompt_leak",
    "system_prompt_request",
    "disinformation",
    "graphic_violence",
    "weapons",
    "fire",
    "drugs",
    "hazard_sign",
    "opaque",
]
SIZES = {
    "llama_guard_3": 28,
    "openai_moderation": 13,
    "vlguard": 9,
    "llavaguard": 9,
    "mm_safetybench": 13,
}


def test_the_hazards_are_s1_to_s14_in_order():
    coded = [(one.code, name) for name, one in categories().items() if one.code]

    assert coded == [(f"S{number}", name) for number, name in enumerate(HAZARDS, 1)]


def test_the_other_categories_are_attacks_and_what_the_hazards_leave_out():
    assert [name for name, one in categories().items() if not one.code] == OURS


def test_every_category_is_described_in_a_line():
    assert [n for n, one in categories().items() if "\n" in one.description] == []


def test_every_external_taxonomy_is_whole():
    assert {owner: len(names) for owner, names in taxonomy().external.items()} == SIZES


@pytest.mark.parametrize(
    ("owner", "name", "ours"),
    [
        ("llama_guard_3", "S9", "indiscriminate_weapons"),
        ("llama_guard_3", "Suicide & Self-Harm", "self_harm"),
        ("openai_moderation", "sexual/minors", "child_exploitation"),
        ("vlguard", "Personal Data", "privacy"),
        ("llavaguard", " O7: Self-Harm ", "self_harm"),
        ("mm_safetybench", "01-Illegal_Activitiy", "non_violent_crimes"),
    ],
)
def test_a_name_of_another_taxonomy_has_one_of_ours(owner, name, ours):
    assert from_external(owner, name) == ours


@pytest.mark.parametrize("number", range(1, 15))
def test_a_code_and_a_category_of_llama_guard_agree(number):
    assert categories()[from_external("llama_guard_3", f"S{number}")].code == f"S{number}"


@pytest.mark.parametrize(
    ("owner", "name", "said"),
    [
        ("llama_guard", "S1", "no taxonomy 'llama_guard'; did you mean 'llama_guard_3'? known: "),
        ("vlguard", "violense", "vlguard has no name 'violense'; did you mean 'violence'? known: "),
        ("llama_guard_3", "S15", "llama_guard_3 has no name 'S15'"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(owner, name, said):
    with pytest.raises(PolicyError) as caught:
        from_external(owner, name)

    assert str(caught.value).startswith(said)


def test_a_mapping_to_a_category_that_is_none_is_refused():
    text = "categories: {hate: {description: x}}\nexternal: {them: {Hating: hat}}\n"

    with pytest.raises(PolicyError) as caught:
        validated(read_yaml(text.encode(), "t.yaml"), Taxonomy)

    assert str(caught.value) == (
        "t.yaml:1:1: external.them['Hating']: no category 'hat'; did you mean 'hate'? known: hate"
    )
