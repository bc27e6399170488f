from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from guardrail import registry
from guardrail.errors import PolicyError
from guardrail.nearest import did_you_mean, nearest
from tests.guardrail.policy_detectors import HERE, Lens, Words, WordsConfig

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Dist:
    name: str


@pytest.fixture
def entries(monkeypatch):
    """Entry points as if distributions had declared them: (group, name, target, distribution)."""

    def declare(*declared: tuple[str, str, str, str]) -> None:
        def entry_points(group: str) -> list[EntryPoint]:
            found = []
            for of, name, target, owner in declared:
                if of == group:
                    point = EntryPoint(name, target, of)
                    vars(point)["dist"] = Dist(owner)
                    found.append(point)
            return found

        monkeypatch.setattr(registry, "entry_points", entry_points)

    registry.adapter.cache_clear()
    yield declare
    registry.adapter.cache_clear()


def test_importing_the_registry_imports_no_detector_and_no_adapter():
    code = (
        f"import sys; sys.path[:0] = [{str(ROOT)!r}]\n"
        "import guardrail.policy\n"
        "print([n for n in sys.modules if n.startswith(('guardrail_', 'onnx', 'PIL', 'cv2'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.stdout == "[]\n", done.stderr


def test_built_ins_are_known_by_name():
    assert registry.detector_names() == (
        "adversarial_image",
        "document_injection",
        "link_exfiltration",
        "nudity",
        "ocr_injection",
        "person_inference",
        "self_moderation",
        "system_prompt_leak",
        "system_prompt_request",
        "text_guard",
        "unicode_smuggling",
        "unsafe_image",
    )
    assert registry.adapter_names() == (
        "anthropic_count_tokens",
        "anthropic_messages",
        "gemini",
        "ollama_chat",
        "ollama_embed",
        "ollama_generate",
        "openai_chat",
        "openai_completions",
        "openai_embeddings",
        "openai_image_edits",
        "openai_image_variations",
        "openai_images",
        "openai_responses",
    )


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/chat/completions", "openai_chat"),
        ("/chat/completions", "openai_chat"),
        ("/openai/deployments/x/chat/completions", "openai_chat"),
        ("/v1/responses", "openai_responses"),
        ("/openai/responses", "openai_responses"),
        ("/v1/responses/resp_1/cancel", None),
        ("/v1beta/models/gemini-2.0-flash:generateContent", "gemini"),
        ("/v1/projects/p/models/g:streamGenerateContent", "gemini"),
        ("/v1beta/models/g:embedContent", None),
        ("/v1/completions", "openai_completions"),
        ("/v1/embeddings", "openai_embeddings"),
        ("/api/embeddings", "ollama_embed"),
        ("/v1/images/generations", "openai_images"),
        ("/v1/images/edits", "openai_image_edits"),
        ("/api/chat", "ollama_chat"),
        ("/ollama/api/generate", "ollama_generate"),
        ("/api/embed", "ollama_embed"),
        ("/api/tags", None),
        ("/api/pull", None),
        ("/v1/messages", "anthropic_messages"),
        ("/anthropic/v1/messages", "anthropic_messages"),
        ("/v1/messages/count_tokens", "anthropic_count_tokens"),
        ("/v1/messages/batches", None),
        ("/v1/models", None),
        ("/v1/chat/completions/extra", None),
        ("completions", None),
        ("", None),
    ],
)
def test_a_path_tells_the_adapter(path, name):
    assert registry.adapter_for_path(path) == name


def test_every_default_path_has_an_adapter():
    assert set(registry.PATHS.values()) <= set(registry.ADAPTERS)


def test_a_class_can_be_named_where_it_is():
    assert registry.detector_class(f"{HERE}:Words") is Words


def test_an_entry_point_adds_a_detector(entries):
    entries((registry.DETECTOR_GROUP, "words", f"{HERE}:Words", "their-words"))

    assert registry.detector_class("words") is Words
    assert "words" in registry.detector_names()


def test_an_entry_point_of_the_other_group_adds_none(entries):
    entries((registry.ADAPTER_GROUP, "words", f"{HERE}:Words", "their-words"))

    assert "words" not in registry.detector_names()


def test_an_entry_point_cannot_take_a_built_ins_name(entries):
    entries((registry.DETECTOR_GROUP, "text_guard", f"{HERE}:Words", "their-words"))

    with pytest.raises(PolicyError) as caught:
        registry.detector_class("unicode_smuggling")

    assert str(caught.value) == (
        "the entry point 'text_guard' of group 'guardrail.detectors' from their-words "
        f"({HERE}:Words) takes a name that stands for guardrail_detectors.text_guard:TextGuard; "
        "rename it or remove one"
    )


def test_two_entry_points_cannot_share_a_name(entries):
    entries(
        (registry.DETECTOR_GROUP, "words", f"{HERE}:Words", "one"),
        (registry.DETECTOR_GROUP, "words", f"{HERE}:OtherWords", "two"),
    )

    with pytest.raises(PolicyError, match=r"'words' of group 'guardrail\.detectors' from two"):
        registry.detector_names()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("text-guard", "no detector 'text-guard'; did you mean 'text_guard'? known: "),
        ("Text_Guard", "no detector 'Text_Guard'; did you mean 'text_guard'? known: "),
        ("zzz", "no detector 'zzz'; known: adversarial_image, document_injection, link_exfiltration, nudity, ocr_injection, person_inference, self_moderation, system_prompt_leak, system_prompt_request, text_guard, unicode_smuggling, unsafe_image"),
        ("a.b", "no detector 'a.b'; known: "),
        ("a b:c", "no detector 'a b:c'"),
        (".a:b", "no detector '.a:b'"),
        ("a:b:c", "no detector 'a:b:c'"),
        ("tests.nowhere:X", "'tests.nowhere:X' (tests.nowhere:X) cannot be imported: ModuleNotFound"),
        (f"{HERE}:Mute", f"'{HERE}:Mute' ({HERE}:Mute) is no detector: it lacks load, inspect"),
        (f"{HERE}:Loose", f"'{HERE}:Loose' ({HERE}:Loose): Config must refuse unknown settings"),
    ],
)  # fmt: skip
def test_what_is_no_detector_is_refused(name, said):
    with pytest.raises(PolicyError) as caught:
        registry.detector_class(name)

    assert str(caught.value).startswith(said)


def test_a_module_that_fails_on_import_is_a_policy_error(tmp_path, monkeypatch):
    (tmp_path / "broken_words.py").write_text("1 / 0")
    monkeypatch.syspath_prepend(str(tmp_path))

    with pytest.raises(PolicyError, match="cannot be imported: ZeroDivisionError"):
        registry.detector_class("broken_words:Words")


def test_an_object_with_every_member_is_a_detector():
    registry.check_detector(Words(WordsConfig()), "words")


def test_every_missing_member_is_named():
    with pytest.raises(PolicyError) as caught:
        registry.check_detector(object(), "thing")

    assert str(caught.value) == (
        "'thing' (object) is no detector: it lacks load, inspect, kinds, categories"
    )


def test_an_adapter_is_made_once(entries):
    entries((registry.ADAPTER_GROUP, "lens", f"{HERE}:Lens", "theirs"))

    assert isinstance(registry.adapter("lens"), Lens)
    assert registry.adapter("lens") is registry.adapter("lens")


def test_what_is_no_adapter_is_refused(entries):
    entries((registry.ADAPTER_GROUP, "lens", f"{HERE}:Mute", "theirs"))

    with pytest.raises(PolicyError) as caught:
        registry.adapter("lens")

    assert str(caught.value) == (
        f"'lens' ({HERE}:Mute) is no adapter: it lacks parse, render, with_system, parse_reply, "
        "question, refusal, error, events"
    )


def test_an_unknown_adapter_is_answered_with_the_nearest():
    with pytest.raises(PolicyError, match="no adapter 'openai'; did you mean 'openai_chat'"):
        registry.adapter("openai")


@pytest.mark.parametrize(
    ("name", "known", "said"),
    [
        ("windw", ["window", "mode"], "; did you mean 'window'? known: mode, window"),
        ("ON-ERROR", ["on_error"], "; did you mean 'on_error'? known: on_error"),
        ("xyz", ["window"], "; known: window"),
        ("xyz", [], "; known: none"),
    ],
)
def test_a_wrong_name_is_answered_with_what_was_meant(name, known, said):
    assert did_you_mean(name, known) == said


def test_a_very_long_name_costs_little_and_is_near_nothing():
    assert nearest("x" * 1_000_000, ["window"]) == ""
