"""CLIPs installed: whole and proven, or not at all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from guardrail.errors import ModelError
from guardrail_detectors.clip.installing import HUB_VARIABLE, add, exporter, pull
from guardrail_detectors.clip.known import CHECKPOINT, choose
from guardrail_detectors.weights import HOME_VARIABLE, MODELS
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


def test_an_export_that_fails_leaves_nothing_but_the_checkpoint(hub, home):
    def fails(*_):
        raise ModelError("a tower differs")

    with pytest.raises(ModelError, match="a tower differs"):
        pull("vit_b_32", endpoint=hub.url, export=fails)

    assert left(home) == [".checkpoints"]


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
    server.files["/m/text.onnx"] += b"x"

    with pytest.raises(ModelError, match=r"text\.onnx: not the file that was expected"):
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
    golden = json.loads((made / "golden.json").read_text())
    golden["texts"][0]["embedding"].reverse()
    (made / "golden.json").write_text(json.dumps(golden))
    seal(made)

    with pytest.raises(ModelError, match="embedded with cosine"):
        add(str(made))

    assert left(home) == []


def test_a_folder_that_is_not_whole_is_not_installed(made, home):
    (made / "visual.onnx").unlink()

    with pytest.raises(ModelError, match=r"visual\.onnx: missing; the folder is not whole"):
        add(str(made))

    assert left(home) == []


def test_a_model_for_texts_is_not_installed_as_a_clip(home):
    with pytest.raises(ModelError, match="task"):
        add(str(MODELS / "text_guard_linear"))


@pytest.mark.parametrize("name", ["..", "a/b", ".", "-x", "A b"])
def test_a_name_that_is_a_path_is_refused(made, home, name):
    with pytest.raises(ModelError, match="is no name of a model"):
        add(str(made), name=name)


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
