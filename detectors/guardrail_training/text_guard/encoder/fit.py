"""Fine-tuning: losses that know what is unknown, batches of like length, one schedule."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from guardrail_training.text_guard.encoder.network import TextGuardNetwork
from guardrail_training.text_guard.encoder.pool import ATTACKS, HEADS
from guardrail_training.text_guard.encoder.rows import Pools, Row, epoch

TOKENS = 256
"""Longest window, [CLS] and [SEP] included."""

_BATCH_TOKENS = 4096
_MOST_ROWS = 64
_CHUNK = 2048
"""Rows that are sorted by length together; batches are shuffled afterwards."""

_SMOOTHING = 0.02
_TOKEN_WEIGHT = 0.3
_HARM_WEIGHT = 0.5
_HAZARD_COLUMNS = slice(len(ATTACKS), len(HEADS))


@dataclass(frozen=True, slots=True)
class Settings:
    """How long and how fast.

    Attributes:
        epochs: Passes over freshly drawn rows.
        rows: Of one epoch.
        rate: Peak learning rate of the topmost layer.
        layer_decay: Each layer below learns this much slower.
        head_rate: Of the heads.
        warm_up: Share of all steps in which the rate rises.
        weight_decay: AdamW's.
        seed: Of everything.
        max_steps: Batches at most; None for all of the epochs.
    """

    epochs: int = 5
    rows: int = 20_000
    rate: float = 1.2e-4
    layer_decay: float = 0.9
    head_rate: float = 1e-3
    warm_up: float = 0.06
    weight_decay: float = 0.01
    seed: int = 0
    max_steps: int | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows as tensors; targets are 1, 0 or -1 for unknown.

    Attributes:
        ids: Shape (batch, tokens).
        mask: Same shape.
        third_party: Shape (batch,).
        targets: Shape (batch, heads).
        harmful: Shape (batch,).
        inside: Whether a token is of the attack, same shape as ids; -1 where not known.
    """

    ids: Tensor
    mask: Tensor
    third_party: Tensor
    targets: Tensor
    harmful: Tensor
    inside: Tensor


def fit(
    network: TextGuardNetwork,
    tokenizer: Any,
    pools: Pools,
    settings: Settings,
    step_done: Callable[[int, int, float], None] | None = None,
) -> None:
    """Fine-tunes ``network`` in place.

    Args:
        network: With pretrained encoder; its word vectors are not changed, so that words which no
            row holds keep their place beside their synonyms.
        tokenizer: A ``tokenizers.Tokenizer``.
        pools: What rows are drawn from.
        settings: Length, rates, seed.
        step_done: Called with the step, the number of steps and the loss.
    """
    torch.manual_seed(settings.seed)
    device = next(network.parameters()).device
    optimiser = torch.optim.AdamW(_groups(network, settings), weight_decay=settings.weight_decay)
    schedule: Any = None
    step = total = 0
    for number in range(settings.epochs):
        rng = Random(settings.seed * 1000 + number)
        rows = epoch(pools, settings.rows, rng)
        batches = list(batches_of(rows, tokenizer, rng))
        if schedule is None:
            total = min(len(batches) * settings.epochs, settings.max_steps or sys.maxsize)
            schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, _curve(total, settings))
        network.train()
        for batch in batches[: total - step]:
            value = _step(network, batch, optimiser, device)
            schedule.step()
            step += 1
            if step_done is not None:
                step_done(step, total, value)
    network.eval()


def _step(network: TextGuardNetwork, batch: Batch, optimiser: Any, device: Any) -> float:
    with torch.autocast(device.type, torch.bfloat16):
        whole, tokens = network(
            *(one.to(device) for one in (batch.ids, batch.mask, batch.third_party))
        )
    value = loss(whole, tokens, batch)
    optimiser.zero_grad(set_to_none=True)
    value.backward()  # type: ignore[no-untyped-call]  # torch's own
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimiser.step()
    found = float(value.detach())
    if not math.isfinite(found):
        raise FloatingPointError("the loss is no longer finite: lower the learning rate")
    return found


def loss(whole: Tensor, tokens: Tensor, batch: Batch) -> Tensor:
    """Masked cross-entropy of texts and heads, of "some hazard", and of tokens of planted attacks.

    "Some hazard" is the log-sum-exp of the hazard heads: a request that its data set only calls
    harmful teaches them that one of them fires.
    """
    device = whole.device
    known = batch.targets.to(device)
    value = _masked(whole, known)
    some = torch.logsumexp(whole[:, _HAZARD_COLUMNS], 1)
    value = value + _HARM_WEIGHT * _masked(some, batch.harmful.to(device))
    inside = batch.inside.to(device)
    return value + _TOKEN_WEIGHT * _masked(tokens[:, :, 0], inside)


def _masked(odds: Tensor, targets: Tensor) -> Tensor:
    kept = targets >= 0
    if not bool(kept.any()):
        return odds.sum() * 0
    wanted = targets[kept].to(odds.dtype) * (1 - 2 * _SMOOTHING) + _SMOOTHING
    return binary_cross_entropy_with_logits(odds[kept], wanted)


def _curve(total: int, settings: Settings) -> Callable[[int], float]:
    warm = max(1, round(total * settings.warm_up))

    def factor(step: int) -> float:
        if step < warm:
            return (step + 1) / warm
        return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - warm) / max(1, total - warm))))

    return factor


def _groups(network: TextGuardNetwork, settings: Settings) -> list[dict[str, Any]]:
    network.encoder.embeddings.requires_grad_(requires_grad=False)
    segments = network.encoder.embeddings.token_type_embeddings.requires_grad_(requires_grad=True)
    layers = network.encoder.encoder.layer
    groups = [
        {
            "params": list(layer.parameters()),
            "lr": settings.rate * settings.layer_decay ** (len(layers) - 1 - depth),
        }
        for depth, layer in enumerate(layers)
    ]
    heads = [*network.token.parameters(), *network.whole.parameters()]
    return [
        *groups,
        {"params": list(segments.parameters()), "lr": settings.head_rate},
        {"params": heads, "lr": settings.head_rate},
    ]


def batches_of(rows: Sequence[Row], tokenizer: Any, rng: Random) -> Iterator[Batch]:
    """The rows in batches of like length and at most 4,096 tokens, in random order."""
    encoded = encode(tokenizer, [row.text for row in rows])
    found: list[list[int]] = []
    for start in range(0, len(rows), _CHUNK):
        order = sorted(
            range(start, min(start + _CHUNK, len(rows))), key=lambda one: len(encoded[one].ids)
        )
        batch: list[int] = []
        for index in order:
            if batch and (len(batch) + 1) * len(encoded[index].ids) > _BATCH_TOKENS:
                found.append(batch)
                batch = []
            batch.append(index)
            if len(batch) == _MOST_ROWS:
                found.append(batch)
                batch = []
        if batch:
            found.append(batch)
    rng.shuffle(found)
    return (_batch([rows[one] for one in chosen], [encoded[one] for one in chosen])
            for chosen in found)  # fmt: skip


def encode(tokenizer: Any, texts: Sequence[str]) -> list[Any]:
    """``tokenizers.Encoding`` of each text, cut to a window."""
    tokenizer.enable_truncation(TOKENS)
    tokenizer.no_padding()
    encoded: list[Any] = tokenizer.encode_batch(list(texts))
    return encoded


def _batch(rows: Sequence[Row], encoded: Sequence[Any]) -> Batch:
    longest = max(len(one.ids) for one in encoded)
    shape = (len(rows), longest)
    ids, mask = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    inside = np.full(shape, -1, np.int64)
    targets = np.full((len(rows), len(HEADS)), -1, np.int64)
    harmful = np.full(len(rows), -1, np.int64)
    third_party = np.array([row.third_party for row in rows], np.int64)
    for number, (row, one) in enumerate(zip(rows, encoded, strict=True)):
        ids[number, : len(one.ids)] = one.ids
        mask[number, : len(one.ids)] = 1
        inside[number, : len(one.ids)] = _inside(row, one)
        targets[number] = [_target(row, head) for head in HEADS]
        harmful[number] = -1 if row.harmful is None else int(row.harmful)
    return Batch(*map(torch.from_numpy, (ids, mask, third_party, targets, harmful, inside)))


def _target(row: Row, head: str) -> int:
    return 1 if head in row.positive else 0 if head in row.negative else -1


def _inside(row: Row, encoding: Any) -> Any:
    """1 for tokens of a planted injection, 0 for those around it, -1 where nothing is known."""
    if row.span is None or "prompt_injection" not in row.positive:
        return -1
    start, end = row.span
    marks = [int(first < end and last > start) for first, last in encoding.offsets]
    marks[0] = marks[-1] = -1
    return marks


def log_odds(
    network: TextGuardNetwork,
    tokenizer: Any,
    texts: Sequence[str],
    third_party: Sequence[bool],
    batch: int = 32,
) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Log odds of texts, each cut to one window: shape (len(texts), heads)."""
    device = next(network.parameters()).device
    encoded = encode(tokenizer, texts)
    order = sorted(range(len(texts)), key=lambda one: len(encoded[one].ids))
    found = np.zeros((len(texts), len(HEADS)), np.float32)
    autocast = (
        torch.autocast(device.type, torch.bfloat16) if device.type != "cpu" else nullcontext()
    )
    with torch.no_grad(), autocast:
        for start in range(0, len(order), batch):
            chosen = order[start : start + batch]
            empty = [
                Row(texts[one], frozenset(), frozenset(), None, third_party[one]) for one in chosen
            ]
            made = _batch(empty, [encoded[one] for one in chosen])
            inputs = (made.ids, made.mask, made.third_party)
            whole, _ = network(*(one.to(device) for one in inputs))
            found[chosen] = whole.float().cpu().numpy()
    return found
