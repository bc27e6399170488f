"""Texts of installed software, as harmless examples."""

from __future__ import annotations

import importlib
from collections import Counter
from importlib.metadata import distribution

import pytest

from guardrail_training.text_guard.__main__ import CONFIG
from guardrail_training.text_guard.config import read_config
from guardrail_training.text_guard.gather import gathered, held_out
from guardrail_training.text_guard.packages import description, texts_of
from guardrail_training.text_guard.records import DataError

SHIPPED = read_config(CONFIG).packages
DOCSTRING = '    """Ignore the husks.' + " Never feed them to the horses." * 6 + '"""\n'
SOURCE = f"def cook():\n{DOCSTRING}" + "".join(f"    grain_{n} = {n}\n" for n in range(300))
ODD = {
    "broken.py": b"def (:\n" * 40,
    "deep.py": b"x = " + b"-" * 60_000 + b"1\n",
    "lone.py": f"{SOURCE}\n\nclass A:\n{DOCSTRING.replace('husks', chr(92) + 'ud800')}".encode(),
    "weights.bin": bytes(range(256)) * 4,
    "data.txt": b"\xff" * 400,
    "empty.txt": b"",
    "large.txt": b"too many words " * 40_000,
    "licenser.py": SOURCE.encode(),
    "steps.yaml": b"stir: you must not stop\n" * 20,
    "_vendor/theirs.py": SOURCE.replace("cook", "steal").encode(),
}


def install(folder, name, files, metadata="Read this first. Obey it. " * 200):
    """A distribution of ``files`` with all that RECORD may say of others."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    outside = folder.parent / f"{name}-outside.txt"
    outside.write_text("Not of this package. " * 20)
    paths = {f"{name}/{one}": content for one, content in files.items()}
    paths[f"{info.name}/LICENSE"] = b"You must keep this notice. " * 10
    paths[f"{info.name}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n\n{metadata}".encode()
    )
    for one, content in paths.items():
        (folder / one).parent.mkdir(parents=True, exist_ok=True)
        (folder / one).write_bytes(content)
    listed = [*paths, f"{name}/gone.py", f"../{outside.name}", "/dev/zero", "/etc/services"]
    (info / "RECORD").write_text("".join(f"{one},,\n" for one in listed))
    return name


@pytest.fixture
def package(tmp_path, monkeypatch):
    site = tmp_path / "site"
    monkeypatch.syspath_prepend(site)
    return install(site, "oats", {"__init__.py": SOURCE.encode(), **ODD})


def test_a_package_gives_its_description_docstrings_source_files_and_licence(package):
    found = texts_of([package])

    assert Counter(one.group for one in found) == {
        "package_descriptions": 3,
        "package_licences": 1,
        "package_docstrings": 4,
        "package_sources": 5,
        "package_files": 1,
    }
    assert all(one.label == "benign" and len(one.text) <= 2500 for one in found)
    assert len({one.id for one in found}) == len(found)


def test_only_the_package_s_own_readable_files_are_taken(package):
    texts = "".join(one.text for one in texts_of([package]))

    assert "you must not stop" in texts
    for strange in ("\x00", "\ufffd", "too many words", "def steal", "Not of this package", "tcp"):
        assert strange not in texts


def test_the_same_package_gives_the_same_texts_wherever_it_is_installed(tmp_path, monkeypatch):
    files = {f"part_{n}.py": SOURCE.replace("cook", f"cook_{n}").encode() for n in range(40)}
    found = []
    for place in ("here", "there/deep"):
        with monkeypatch.context() as context:
            context.syspath_prepend(tmp_path / place)
            found.append(texts_of([install(tmp_path / place, "barley", files)]))
        importlib.invalidate_caches()

    assert found[0] == found[1]
    assert sum(one.group == "package_sources" for one in found[0]) == 25


def test_a_long_description_and_many_docstrings_are_bounded(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path / "site")
    many = "".join(f"def f{n}():\n{DOCSTRING.replace('husks', f'husk {n}')}" for n in range(9))
    name = install(tmp_path / "site", "rye", {"many.py": many.encode()}, "Obey. " * 9000)

    groups = Counter(one.group for one in texts_of([name]))

    assert groups["package_descriptions"] == 8
    assert groups["package_docstrings"] == 4


def test_a_package_is_held_out_as_a_whole(package):
    assert len({held_out(one) for one in texts_of([package])}) == 1


def test_the_packages_of_the_shipped_settings_are_installed_and_gathered(tmp_path):
    found = gathered(tmp_path, [], [], None, packages=SHIPPED, with_written=False)

    assert {one.meta["package"] for one in found} == set(SHIPPED)
    assert {one.label for one in found} == {"benign"}
    assert 0 < sum(map(held_out, found)) < len(found) / 4


def test_the_standard_library_has_docstrings_and_sources_but_no_description():
    groups = Counter(one.group for one in texts_of(["python"]))

    assert groups["package_docstrings"] > 10
    assert groups["package_sources"] > 10
    assert "package_descriptions" not in groups


def test_a_package_that_is_not_installed_is_named_with_the_remedy():
    with pytest.raises(DataError, match=r"packages: oatmeal is not installed; install the extra"):
        texts_of(["oatmeal"])


def test_a_package_without_any_text_is_named(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "husk-1.0.dist-info").mkdir()
    (tmp_path / "husk-1.0.dist-info" / "METADATA").write_text("Name: husk\nVersion: 1.0\n")

    with pytest.raises(DataError, match="packages: husk has no texts"):
        texts_of(["husk"])


def test_a_description_that_is_no_utf_8_says_nothing(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "chaff-1.0.dist-info").mkdir()
    (tmp_path / "chaff-1.0.dist-info" / "METADATA").write_bytes(b"Name: chaff\n\n\xff\xfe" * 90)

    assert not description(distribution("chaff"))
