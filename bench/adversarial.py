"""How well ``adversarial_image`` tells attacked pictures: ``python -m bench.adversarial``.

Pictures are attacked by PGD so that the model's embedding moves as far as it can within an
L-infinity ball, at the size that the network sees and at twice that through a differentiable
resize. Each is compared with the untouched picture and with that picture as JPEG. With ``--fit``
the detector's calibration is fitted to the pictures instead, and kept for the model's name.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from PIL import Image as Pillow
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from torch import Tensor

from guardrail_detectors.adversarial_image.disturbances import DISTURBANCES
from guardrail_detectors.adversarial_image.measure import (
    CALIBRATION,
    Calibration,
    calibration_of,
    calibrations,
    distances,
    key_of,
    logarithms,
)
from guardrail_detectors.clip import ClipModel, load_clip
from guardrail_training.attacks.frozen import frozen
from guardrail_training.attacks.pgd import pgd
from guardrail_training.clip.export import load

Pictures = list[NDArray[np.uint8]]

EPSILONS = (4, 8)
_BATCH = 16
_JPEG = 75


class Embedder:
    """The model with gradients: pictures in [0, 1] to embeddings of length 1.

    Args:
        name: What open_clip calls it, e.g. ``local-dir:FOLDER``.
        model: The same model's folder, for its preprocessing.
    """

    def __init__(self, name: str, model: ClipModel) -> None:
        self._network: Any = load(name).model
        self._size = model.folder.preprocess.size
        self._mean, self._std = (
            torch.tensor(values).view(1, 3, 1, 1)
            for values in (model.folder.preprocess.mean, model.folder.preprocess.std)
        )

    def __call__(self, images: Tensor) -> Tensor:
        """Embeddings, shape (batch, D)."""
        if images.shape[-1] != self._size:
            size = (self._size, self._size)
            images = torch.nn.functional.interpolate(images, size, mode="bicubic", antialias=True)
        shown = (images - self._mean) / self._std
        found: Tensor = self._network.encode_image(shown, normalize=True)
        return found

    def attacked(self, pictures: Pictures, eps: float, steps: int, seed: int) -> Pictures:
        """``pictures``, all of one size, moved as far as PGD moves them, rounded to grey levels."""
        generator = torch.Generator().manual_seed(seed)
        found: Pictures = []
        with frozen(self._network):
            for start in range(0, len(pictures), _BATCH):
                images = _tensor(pictures[start : start + _BATCH])
                with torch.no_grad():
                    before = self(images)

                def moved(changed: Tensor, before: Tensor = before) -> Tensor:
                    return 1 - (self(changed) * before).sum(dim=1)

                changed = pgd(moved, images, eps / 255, steps, generator=generator)
                found += list((changed * 255).round().byte().permute(0, 2, 3, 1).numpy())
        return found


def read(sets: Sequence[Path], most: int, side: int, seed: int) -> Pictures:
    """Up to ``most`` pictures of each set, a folder or JSONL with ``image``, as squares."""
    rng = np.random.default_rng(seed)
    found: Pictures = []
    for path in sets:
        files = sorted(_files(path))
        chosen = rng.permutation(len(files))[:most]
        found += [_square(files[index], side) for index in sorted(chosen.tolist())]
    return found


def as_jpeg(picture: NDArray[np.uint8], quality: int = _JPEG) -> NDArray[np.uint8]:
    """The picture compressed and decompressed."""
    out = io.BytesIO()
    Pillow.fromarray(picture).save(out, "JPEG", quality=quality)
    return np.asarray(Pillow.open(out))


def auroc(low: NDArray[np.float64], high: NDArray[np.float64], seed: int) -> str:
    """Area under the ROC curve with its bootstrap interval (95 %, 200 resamples)."""
    rng = np.random.default_rng(seed)
    scores, labels = np.concatenate([low, high]), np.repeat([0, 1], [len(low), len(high)])
    draws = []
    for _ in range(200):
        a, b = rng.choice(low, len(low)), rng.choice(high, len(high))
        draws.append(roc_auc_score(labels, np.concatenate([a, b])))
    middle = roc_auc_score(labels, scores)
    left, right = np.percentile(draws, [2.5, 97.5])
    return f"{middle:.3f} ({left:.3f} to {right:.3f})"


def fitted(clean: NDArray[np.float64], attacked: NDArray[np.float64], said: str) -> Calibration:
    """A calibration of these distances, shape (pictures, disturbances) each."""
    shown = logarithms(np.concatenate([clean, attacked]))
    labels = np.repeat([0, 1], [len(clean), len(attacked)])
    fit = LogisticRegression(class_weight="balanced", C=10, max_iter=1000).fit(shown, labels)
    pairs = zip(DISTURBANCES, fit.coef_[0], strict=True)
    return Calibration(
        weights={name: round(float(weight), 4) for name, weight in pairs},
        offset=round(float(fit.intercept_[0]), 4),
        calibrated_on=said,
    )


def keep(calibration: Calibration, key: str) -> None:
    """Writes it beside those of other models, in place of those of earlier trainings."""
    name = key.partition("@")[0]
    known = {
        other: one.model_dump()
        for other, one in calibrations().items()
        if other.partition("@")[0] != name
    }
    known[key] = calibration.model_dump()
    CALIBRATION.write_text(json.dumps(known, indent=1) + "\n", "utf-8")


def main(
    checkpoint: Annotated[str, typer.Option(help="open_clip's name of it, local-dir:FOLDER.")],
    pictures: Annotated[list[Path], typer.Option(help="Folders or JSONL files; repeat.")],
    model: Annotated[str, typer.Option(help="A CLIP's name or folder.")] = "clip_embedded",
    most: Annotated[int, typer.Option(help="Pictures of each set.")] = 100,
    steps: Annotated[int, typer.Option(help="Of PGD.")] = 20,
    fit: Annotated[bool, typer.Option(help="Fit the calibration, and keep it.")] = False,
    seed: Annotated[int, typer.Option(help="Of the choice, the attack and the bootstrap.")] = 0,
) -> None:
    """Measure, or fit, the detector of attacked pictures."""
    loaded = load_clip(model)
    embed = Embedder(checkpoint, loaded)
    size = loaded.folder.preprocess.size
    every: list[NDArray[np.float64]] = []
    clean: list[NDArray[np.float64]] = []
    for side in (size, 2 * size):
        shown = read(pictures, most, side, seed)
        plain, jpeg = (distances(loaded, some) for some in (shown, list(map(as_jpeg, shown))))
        clean += [plain, jpeg]
        for eps in EPSILONS:
            changed = embed.attacked(shown, eps, steps, seed)
            every.append(distances(loaded, changed))
            if not fit:
                _report(loaded, f"{side} px, eps {eps}/255", plain, jpeg, every[-1], seed)
    if fit:
        count = sum(map(len, every)) + sum(map(len, clean))
        said = (
            f"{count} pictures of {', '.join(path.stem for path in pictures)}: clean, JPEG "
            f"{_JPEG}, and PGD of {steps} steps at {' and '.join(map(str, EPSILONS))}/255"
        )
        found = fitted(np.concatenate(clean), np.concatenate(every), said)
        keep(found, key_of(loaded))
        print(found.model_dump_json(indent=1))


def _report(
    model: ClipModel,
    name: str,
    plain: NDArray[np.float64],
    jpeg: NDArray[np.float64],
    attacked: NDArray[np.float64],
    seed: int,
) -> None:
    score: Callable[[Any], Any] = calibration_of(key_of(model)).scores
    print(f"{name}, n={len(plain)}, seed {seed}")
    for label, other in (("clean", plain), (f"JPEG {_JPEG}", jpeg)):
        print(f"  against {label}: AUROC {auroc(score(other), score(attacked), seed)}")
        flagged = [float((score(some) >= 0.5).mean()) for some in (other, attacked)]
        print(f"    at 0.50: {flagged[0]:.1%} of {label}, {flagged[1]:.1%} of attacked")


def _tensor(pictures: Pictures) -> Tensor:
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255


def _files(path: Path) -> Iterator[Path]:
    if path.suffix == ".jsonl":
        for line in path.read_text("utf-8").splitlines():
            yield path.parent / json.loads(line)["image"]
    else:
        yield from (one for one in path.rglob("*") if one.suffix in {".png", ".jpg", ".webp"})


def _square(path: Path, side: int) -> NDArray[np.uint8]:
    with Pillow.open(path) as opened:
        picture = opened.convert("RGB")
        scale = math.ceil(max(picture.size) / (4 * side))
        reduced = picture.reduce(scale) if scale > 1 else picture
        return np.asarray(reduced.resize((side, side), Pillow.Resampling.BICUBIC))


if __name__ == "__main__":
    typer.run(main)
