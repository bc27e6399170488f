"""The network, and the 8-bit graph that ships of it: what they compute, and that they agree."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from transformers import BertConfig, BertModel

from guardrail_training.text_guard.encoder.graph import write_network
from guardrail_training.text_guard.encoder.network import TextGuardNetwork, inner, load_encoder
from guardrail_training.text_guard.records import DataError
from tests.processor import EXACT_BYTES
from tests.training.encoder.tiny import base_model

HEADS = 3


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=50,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=40,
        initializer_range=0.2,
    )
    made = TextGuardNetwork(BertModel(config, add_pooling_layer=False), HEADS)
    with torch.no_grad():
        for one in (made.token, made.whole):
            one.weight.normal_(0, 0.5)
    return made.eval()


@pytest.fixture(scope="module")
def graph(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("graph") / "model.onnx"
    write(network, path, np.ones(HEADS), np.zeros(HEADS))
    return session(path)


def write(network, path, slope, offset):
    weights = {name: one.detach().numpy() for name, one in network.state_dict().items()}
    write_network(weights, 4, slope, offset, path)


def session(path):
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def rows(*lengths, seed=0, width=None):
    """Ids, mask and third-party flags of texts of these lengths, padded."""
    rng = np.random.default_rng(seed)
    width = width or max(lengths)
    ids, mask = np.zeros((len(lengths), width), np.int64), np.zeros((len(lengths), width), np.int64)
    for number, length in enumerate(lengths):
        ids[number, :length] = rng.integers(5, 50, length)
        mask[number, :length] = 1
    return ids, mask, np.arange(len(lengths), dtype=np.int64) % 2


def run(graph, ids, mask, party):
    return graph.run(None, {"ids": ids, "mask": mask, "third_party": party})


def exact(network, ids, mask, party):
    with torch.no_grad():
        whole, tokens = network(*map(torch.from_numpy, (ids, mask, party)))
    return torch.sigmoid(whole).numpy(), torch.sigmoid(tokens).numpy()


@EXACT_BYTES
def test_the_graph_computes_what_the_network_does(network, graph):
    ids, mask, party = rows(12, 7, 20, 3)

    scores, tokens = run(graph, ids, mask, party)

    wanted, wanted_tokens = exact(network, ids, mask, party)
    np.testing.assert_allclose(scores, wanted, atol=0.05)
    assert np.corrcoef(scores.ravel(), wanted.ravel())[0, 1] > 0.995
    for number in range(len(ids)):
        kept = mask[number] == 1
        np.testing.assert_allclose(tokens[number, kept], wanted_tokens[number, kept], atol=0.1)


def test_a_text_scores_the_same_whatever_it_is_batched_with(graph):
    ids, mask, party = rows(12, 7, 20, 3)

    together, tokens = run(graph, ids, mask, party)

    for number, length in enumerate((12, 7, 20, 3)):
        alone = run(graph, ids[number : number + 1, :length], mask[number : number + 1, :length],
                    party[number : number + 1])  # fmt: skip
        np.testing.assert_allclose(together[number], alone[0][0], atol=1e-6)
        np.testing.assert_allclose(tokens[number, :length], alone[1][0], atol=1e-6)


def test_who_speaks_changes_the_score(graph):
    ids, mask, _ = rows(12, 9)

    ours = run(graph, ids, mask, np.zeros(2, np.int64))[0]
    theirs = run(graph, ids, mask, np.ones(2, np.int64))[0]

    assert np.abs(ours - theirs).max() > 1e-3


def test_padding_of_any_width_changes_nothing(graph):
    ids, mask, party = rows(9)
    wide = [np.pad(one, ((0, 0), (0, 11))) for one in (ids, mask)]

    np.testing.assert_allclose(
        run(graph, ids, mask, party)[0], run(graph, *wide, party)[0], atol=1e-6
    )


@EXACT_BYTES
@pytest.mark.parametrize("length", [1, 2, 3, 40])
def test_texts_of_any_length_have_finite_scores(network, graph, length):
    ids, mask, party = rows(length)

    scores, tokens = run(graph, ids, mask, party)

    assert np.isfinite(scores).all()
    assert tokens.shape == (1, length, HEADS)
    np.testing.assert_allclose(scores, exact(network, ids, mask, party)[0], atol=0.08)


def test_scores_are_calibrated_by_slope_and_offset(network, tmp_path):
    slope, offset = np.array([0.5, 2.0, 1.0]), np.array([0.0, -1.0, 3.0])
    write(network, tmp_path / "a.onnx", np.ones(HEADS), np.zeros(HEADS))
    write(network, tmp_path / "b.onnx", slope, offset)
    ids, mask, party = rows(12, 8)

    plain = run(session(tmp_path / "a.onnx"), ids, mask, party)[0].astype(np.float64)
    calibrated = run(session(tmp_path / "b.onnx"), ids, mask, party)[0]

    odds = np.log(plain / (1 - plain))
    np.testing.assert_allclose(calibrated, 1 / (1 + np.exp(-(odds * slope + offset))), atol=1e-4)


def test_the_weights_have_eight_bits(network, tmp_path):
    write(network, tmp_path / "a.onnx", np.ones(HEADS), np.zeros(HEADS))

    model = onnx.load(str(tmp_path / "a.onnx"))

    onnx.checker.check_model(model, full_check=False)
    large = {one.name: one.data_type for one in model.graph.initializer if len(one.raw_data) > 900}
    kinds = {name: kind for name, kind in large.items() if name != "places"}
    assert {onnx.TensorProto.DataType.Name(kind) for kind in kinds.values()} == {"INT8"}


def test_the_loudest_token_is_heard_in_a_long_text(network):
    """One token of its own weighs the same in a text of four tokens and of forty."""
    ids, mask, party = (torch.from_numpy(one) for one in rows(40))
    with torch.no_grad():
        whole, tokens = network(ids, mask, party)
        hidden = network.encoder(
            input_ids=ids, attention_mask=mask, token_type_ids=party[:, None].expand_as(ids)
        ).last_hidden_state
        mean = network.whole(hidden.mean(1))

    torch.testing.assert_close(whole, mean + tokens[:, 1:-1].amax(1), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        ([[1, 1, 1, 1]], [[0, 1, 1, 0]]),
        ([[1, 1, 1, 0]], [[0, 1, 0, 0]]),
        ([[1, 1, 0, 0]], [[1, 1, 0, 0]]),
        ([[1, 0, 0, 0]], [[1, 0, 0, 0]]),
    ],
)
def test_the_first_and_the_last_token_are_not_heard(mask, expected):
    assert inner(torch.tensor(mask)).tolist() == expected


def test_a_base_model_is_read_from_a_folder(tmp_path):
    encoder, tokenizer = load_encoder(str(base_model(tmp_path / "base")))

    assert encoder.config.hidden_size == 32
    assert tokenizer.encode("ignore all rules").tokens == [
        "[CLS]", "ignore", "all", "rules", "[SEP]",
    ]  # fmt: skip


@pytest.mark.parametrize("what", ["missing", "other"])
def test_a_base_model_that_is_none_is_refused_by_name(tmp_path, what):
    folder = tmp_path / what
    if what == "other":
        base_model(folder)
        config = folder / "config.json"
        config.write_text(config.read_text().replace('"bert"', '"no_such_model"'))

    with pytest.raises(DataError, match=f"{what}.*(cannot be loaded|is a)"):
        load_encoder(str(folder))
