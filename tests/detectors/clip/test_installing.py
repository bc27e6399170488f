"""CLIPs installed: whole and proven, or not at all."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from guardrail.errors import ModelError
from guardrail_detectors.clip.installing import HUB_VARIABLE, add, exporter, pull
from guardrail_detectors.clip.known import CHECKPOINT, KNOWN, choose
from guardrail_detectors.weights import HOME_VARIABLE, MAX_MANIFEST_BYTES, MODELS, model_names
from tests.detectors.clip.tiny import clip_folder, seal
from tests.detectors.served import serving

PATH = f"/laion/CLIP-ViT-B-32-DataComp.XL-s13B-b90K/resolve/main/{CHECKPOINT}"


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "models"))
    monkeypatch.delenv(HUB_VARIABLE, raising=False)
    return tmp_path / "models"


@pytest.fixture
def made(tmp_path):
    return clip_folder(tmp_path / "made")


@pytest.fixture
def server():
    with serving() as served:
        yield served


@pytest.fixture
def hub(server):
    server.files[PATH] = b"weights " * 50_000
    return server


@pytest.fixture
def export(tmp_path):
    """Stands for torch: the folder it writes is of other weights, its arguments are kept."""
    calls = []

    def exported(model, weights, folder, name):
        calls.append((model, Path(weights).stat().st_size, name))
        shutil.copytree(clip_folder(tmp_path / f"export{len(calls)}"), folder, dirs_exist_ok=True)

    exported.calls = calls
    return exported


def serve_folder(server, folder):
    for path in folder.rglob("*"):
        if path.is_file():
            server.files[f"/m/{path.relative_to(folder)}"] = path.read_bytes()
    return f"{server.url}/m"


def left(home):
    return sorted(one.name for one in home.iterdir()) if home.exists() else []


def test_a_pulled_model_is_what_policies_find(hub, home, export):
    path = pull("vit_b_32", endpoint=hub.url, export=export)

    assert path == home / "vit_b_32" == choose("auto").path
    assert export.calls == [("ViT-B-32", 400_000, "vit_b_32")]
    assert left(home / ".checkpoints") == []


def test_a_pulled_model_says_which_file_it_was_made_of(hub, home, export):
    source = json.loads(
        (pull("vit_b_32", endpoint=hub.url, export=export) / "SOURCE.json").read_text()
    )

    assert source["repository"] == "laion/CLIP-ViT-B-32-DataComp.XL-s13B-b90K"
    assert len(source["sha256"]) == 64


def test_a_mirror_is_named_by_the_environment(hub, home, export, monkeypatch):
    monkeypatch.setenv(HUB_VARIABLE, f"{hub.url}/")

    pull("vit_b_32", export=export)

    assert hub.asked[0][0] == PATH


def test_a_pull_that_broke_off_goes_on_where_it_stopped(hub, home, export):
    hub.breaks = [100_000, 0, 0]
    with pytest.raises(ModelError, match="run the same command again"):
        pull("vit_b_32", endpoint=hub.url, export=export)
    assert left(home) == [".checkpoints"]

    pull("vit_b_32", endpoint=hub.url, export=export)

    assert hub.asked[-1][1] == "bytes=100000-"
    assert export.calls[0][1] == 400_000


def test_without_a_network_the_message_says_how_to_go_without(home, export):
    with pytest.raises(
        ModelError, match=r"another machine, then `guardrail models export ViT-B-32"
    ):
        pull("vit_b_32", endpoint="http://127.0.0.1:9", export=export)


def test_a_name_that_is_not_known_is_refused_with_the_nearest(home, export):
    with pytest.raises(ModelError, match=r"did you mean 'vit_b_32'\?"):
        pull("vit-b32", export=export)


def test_nothing_is_fetched_where_the_export_cannot_run(hub, home, monkeypatch):
    monkeypatch.setattr(
        "guardrail_detectors.clip.installing.importlib.import_module", missing("open_clip")
    )

    with pytest.raises(ModelError, match=r"open_clip is missing.*mllm-guardrail\[train\]"):
        pull("vit_b_32", endpoint=hub.url)

    assert hub.asked == []


def missing(name):
    def fails(_):
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    return fails


def failing(error):
    def fails(*_):
        raise error

    return fails


def drifted(folder):
    """Whose embeddings are not the golden ones."""
    golden = json.loads((folder / "golden.json").read_text())
    golden["texts"][0]["embedding"].reverse()
    (folder / "golden.json").write_text(json.dumps(golden))
    seal(folder)
    return folder


@pytest.fixture
def known_checksum(hub, monkeypatch):
    """The model as if its checkpoint's checksum were known."""
    found = [one for one in KNOWN if one.name == "vit_b_32"]
    known = replace(found[0], sha256=sha256(hub.files[PATH]).hexdigest())
    monkeypatch.setattr("guardrail_detectors.clip.installing.KNOWN", (known,))


@pytest.mark.parametrize("error", [ModelError("a tower differs"), KeyError("visual"), OSError("x")])
def test_a_checkpoint_nobody_knows_is_deleted_where_the_export_fails(hub, home, error):
    with pytest.raises(ModelError, match=r"resolve/main.*deleted: look whether.*pull") as raised:
        pull("vit_b_32", endpoint=hub.url, export=failing(error))

    assert str(error) in str(raised.value)
    assert raised.value.__cause__ is error
    assert left(home) == [".checkpoints"]
    assert left(home / ".checkpoints") == []


def test_a_failure_of_others_is_told_with_its_kind(hub, home):
    with pytest.raises(ModelError, match="KeyError: 'visual'"):
        pull("vit_b_32", endpoint=hub.url, export=failing(KeyError("visual")))


def test_a_pull_after_a_page_that_was_no_checkpoint_fetches_anew(hub, home, export):
    good, hub.files[PATH] = hub.files[PATH], b"<html>log in"
    with pytest.raises(ModelError, match="header too large"):
        pull("vit_b_32", endpoint=hub.url, export=failing(ValueError("header too large")))
    hub.files[PATH] = good

    assert pull("vit_b_32", endpoint=hub.url, export=export) == home / "vit_b_32"
    assert len(hub.asked) == 2


def test_a_checkpoint_nobody_knows_is_deleted_where_the_model_is_not_proven(hub, home, made):
    def export(_model, _weights, folder, _name):
        shutil.copytree(drifted(made), folder, dirs_exist_ok=True)

    with pytest.raises(ModelError, match=r"embedded with cosine.*deleted"):
        pull("vit_b_32", endpoint=hub.url, export=export)

    assert left(home / ".checkpoints") == []


def test_a_checkpoint_is_kept_where_only_the_folder_cannot_be_put_in_place(hub, home, export):
    def meanwhile(model, weights, folder, name):
        export(model, weights, folder, name)
        (home / name / "somebody").mkdir(parents=True)

    with pytest.raises(ModelError, match="vit_b_32: cannot be installed"):
        pull("vit_b_32", endpoint=hub.url, export=meanwhile)

    assert left(home / ".checkpoints") == ["vit_b_32"]


@pytest.mark.parametrize("error", [ModelError("a tower differs"), KeyError("visual")])
@pytest.mark.usefixtures("known_checksum")
def test_a_checkpoint_of_known_checksum_is_kept_where_the_export_fails(hub, home, export, error):
    with pytest.raises(ModelError, match=r"the right one and is kept in .*pull again"):
        pull("vit_b_32", endpoint=hub.url, export=failing(error))
    assert left(home / ".checkpoints") == ["vit_b_32"]

    pull("vit_b_32", endpoint=hub.url, export=export)

    assert len(hub.asked) == 1


def test_a_folder_is_added_under_its_name_or_another(made, home):
    assert add(str(made)) == home / "tiny_clip"
    assert add(str(made), name="ours") == home / "ours" == choose("ours").path


def test_a_folder_is_added_from_a_url(made, home, server):
    path = add(serve_folder(server, made))

    assert path == home / "tiny_clip"
    assert (path / "golden" / "0.png").read_bytes() == (made / "golden" / "0.png").read_bytes()
    assert left(home) == [".checkpoints", "tiny_clip"]
    assert left(home / ".checkpoints") == []


def test_an_interrupted_url_goes_on_with_the_files_that_are_missing(made, home, server):
    url = serve_folder(server, made)
    whole = server.files.pop("/m/visual.onnx")
    with pytest.raises(ModelError, match=r"visual\.onnx: the server answers 404"):
        add(url)
    server.files["/m/visual.onnx"] = whole
    server.asked.clear()

    add(url)

    assert [path for path, _ in server.asked] == ["/m/manifest.json", "/m/visual.onnx"]


def test_a_url_whose_file_is_another_is_refused(made, home, server):
    url = serve_folder(server, made)
    server.files["/m/text.onnx"] = server.files["/m/text.onnx"][:-1] + b"x"

    with pytest.raises(ModelError, match=r"text\.onnx: not the file that was expected"):
        add(url)


def test_a_url_whose_file_is_longer_than_the_manifest_says_is_refused(made, home, server):
    url = serve_folder(server, made)
    size = len(server.files["/m/text.onnx"])
    server.files["/m/text.onnx"] += b"x"

    with pytest.raises(ModelError, match=rf"text\.onnx: longer than {size} bytes"):
        add(url)


def test_a_url_whose_manifest_is_too_long_is_refused(made, home, server):
    url = serve_folder(server, made)
    server.files["/m/manifest.json"] += b" " * MAX_MANIFEST_BYTES

    with pytest.raises(
        ModelError, match=rf"{url}/manifest\.json: longer than {MAX_MANIFEST_BYTES}"
    ):
        add(url)


@pytest.mark.parametrize("name", ["../../outside", "/etc/passwd", "a/../../b", "a\\b"])
def test_a_manifest_that_leads_out_of_its_folder_is_refused(made, home, server, name):
    manifest = json.loads((made / "manifest.json").read_text())
    manifest["files"][name] = {"sha256": "0" * 64, "bytes": 1}
    (made / "manifest.json").write_text(json.dumps(manifest))

    for source in (str(made), serve_folder(server, made)):
        with pytest.raises(ModelError, match="leads out of the folder"):
            add(source)

    assert [one for one in left(home) if not one.startswith(".")] == []


def test_a_model_that_drifted_is_not_installed(made, home):
    with pytest.raises(ModelError, match="embedded with cosine"):
        add(str(drifted(made)))

    assert left(home) == []


def test_a_folder_that_is_not_whole_is_not_installed(made, home):
    (made / "visual.onnx").unlink()

    with pytest.raises(ModelError, match=r"visual\.onnx: missing; the folder is not whole"):
        add(str(made))

    assert left(home) == []


def test_a_model_for_texts_is_not_installed_as_a_clip(home):
    with pytest.raises(ModelError, match="task"):
        add(str(MODELS / "text_guard_linear"), name="ours")


@pytest.mark.parametrize("name", ["..", "a/b", ".", "-x", "A b"])
def test_a_name_that_is_a_path_is_refused(made, home, name):
    with pytest.raises(ModelError, match="is no name of a model"):
        add(str(made), name=name)


@pytest.mark.parametrize("name", ["auto", *model_names()])
def test_a_name_that_policies_find_elsewhere_is_refused(made, home, name):
    with pytest.raises(ModelError, match=rf"{name!r} is taken .*another by --name"):
        add(str(made), name=name)

    assert left(home) == []


def test_a_manifest_with_the_name_of_a_shipped_model_is_refused_before_its_files_come(
    made, home, server
):
    manifest = json.loads((made / "manifest.json").read_text())
    (made / "manifest.json").write_text(json.dumps(manifest | {"name": "clip_embedded"}))
    url = serve_folder(server, made)

    with pytest.raises(ModelError, match=r"'clip_embedded' is taken .*another by --name"):
        add(url)

    assert [path for path, _ in server.asked] == ["/m/manifest.json"]
    assert add(url, name="ours") == home / "ours"


def test_what_is_installed_is_not_overwritten(made, home):
    add(str(made))

    with pytest.raises(ModelError, match="a model is installed there; delete the folder"):
        add(str(made))


def test_the_export_calls_the_training_package(monkeypatch):
    calls = []

    class Module:
        About = staticmethod(lambda **given: given)
        load = staticmethod(lambda model, weights: (model, weights))
        export = staticmethod(lambda *given: calls.append(given))

    monkeypatch.setattr(
        "guardrail_detectors.clip.installing.importlib.import_module", lambda _: Module
    )

    exporter()("ViT-B-32", "file.safetensors", "folder", "ours")

    assert calls == [(("ViT-B-32", "file.safetensors"), "folder", {"name": "ours"})]
