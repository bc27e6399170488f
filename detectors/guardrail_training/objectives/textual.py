"""Objectives that compare answers: DPO, IPO, KTO, SimPO, MPO, and a reward-scaled β."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid


def dpo(chosen: Tensor, rejected: Tensor, beta: float | Tensor) -> Tensor:
    """``-log σ(β · (r_w - r_l))``, r the log ratios of the chosen and the rejected answer.

    Args:
        chosen: Log ratios.
        rejected: Log ratios.
        beta: How much leaving the reference costs; one value, or one a row.

    Source: Rafailov et al. 2023, arXiv:2305.18290, equation 7.
    """
    return -logsigmoid(beta * (chosen - rejected))


def ipo(chosen: Tensor, rejected: Tensor, tau: float) -> Tensor:
    """``(r_w - r_l - 1 / (2τ))²``: the gap of log ratios has a goal, and certain pairs stop there.

    Source: Azar et al. 2023, arXiv:2310.12036, equation 17.
    """
    return (chosen - rejected - 1 / (2 * tau)).square()


def simpo(chosen: Tensor, rejected: Tensor, beta: float, gamma: float) -> Tensor:
    """``-log σ(β · p_w - β · p_l - γ)``, p the mean log-probability of a token; no reference.

    Args:
        chosen: ``log π_θ(y_w|x) / |y_w|``.
        rejected: ``log π_θ(y_l|x) / |y_l|``.
        beta: Scale, 2 to 2.5 in the paper.
        gamma: Margin that is asked for.

    Source: Meng et al. 2024, arXiv:2405.14734, equation 6.
    """
    return -logsigmoid(beta * chosen - beta * rejected - gamma)


def kto(
    ratio: Tensor, baseline: Tensor, beta: float, weight: float = 1.0, *, desirable: bool
) -> Tensor:
    """``λ · (1 - σ(β · (r - z₀)))`` if desirable, ``λ · (1 - σ(β · (z₀ - r)))`` otherwise.

    Args:
        ratio: Log ratio r of each answer; no pairs are needed.
        baseline: z₀, the KL divergence from the reference, a scalar ≥ 0 without gradient; see
            ``kto_baseline``.
        beta: Scale.
        weight: λ_D or λ_U.
        desirable: Whether all rows are.

    Source: Ethayarajh et al. 2024, arXiv:2402.01306, equation 8.
    """
    gain = ratio - baseline if desirable else baseline - ratio
    return weight * (1 - torch.sigmoid(beta * gain))


def kto_baseline(mismatched: Tensor) -> Tensor:
    """z₀ from log ratios of answers to other rows' prompts: ``max(0, mean)``, without gradient.

    Source: Ethayarajh et al. 2024, arXiv:2402.01306, section 4.1.
    """
    return mismatched.detach().mean().clamp_min(0)


def quality(ratio: Tensor, shift: Tensor | float, beta: float, *, good: bool) -> Tensor:
    """``-log σ(±(β · r - δ))``: whether an answer is good by itself, plus for a good one.

    Args:
        ratio: Log ratios.
        shift: δ, the mean of rewards ``β · r`` seen lately, without gradient.
        beta: Scale.
        good: Whether all rows are.

    Source: BCO, Jung et al. 2024, arXiv:2404.04656, as used by MPO, arXiv:2411.10442.
    """
    odds = beta * ratio - shift
    return -logsigmoid(odds if good else -odds)


def mpo(
    chosen: Tensor,
    rejected: Tensor,
    likelihood: Tensor,
    shift: Tensor | float,
    *,
    beta: float,
    preference_weight: float = 0.8,
    quality_weight: float = 0.2,
    generation_weight: float = 1.0,
) -> Tensor:
    """``w_p · L_p + w_q · L_q + w_g · L_g``: preference, quality of each answer, and imitation.

    ``L_p`` is DPO, ``L_q = quality(chosen, good) + quality(rejected, not good)``, and ``L_g`` is
    ``-log π_θ(y_w|x) / |y_w|``.

    Args:
        chosen: Log ratios.
        rejected: Log ratios.
        likelihood: Mean log-probability of a token of the chosen answer under the policy.
        shift: δ of ``quality``.
        beta: Of preference and quality.
        preference_weight: w_p.
        quality_weight: w_q.
        generation_weight: w_g.

    Source: Mixed Preference Optimization, Wang et al. 2024, arXiv:2411.10442.
    """
    each = quality(chosen, shift, beta, good=True) + quality(rejected, shift, beta, good=False)
    return (
        preference_weight * dpo(chosen, rejected, beta)
        + quality_weight * each
        - generation_weight * likelihood
    )


def scaled_beta(margin: Tensor, beta: float, weight: float, rate: float) -> Tensor:
    """``β · (1 + w · (1 - e^(-k·δ)))``: pairs that a reward model is sure of pull harder.

    Args:
        margin: δ = reward of the chosen answer minus that of the rejected one, ≥ 0.
        beta: Of a pair without margin.
        weight: w: β never exceeds ``β · (1 + w)``.
        rate: k.

    Source: dynamic reward scaling of MM-RLHF, Zhang et al. 2025, arXiv:2502.10391.
    """
    return beta * (1 + weight * (1 - torch.exp(-rate * margin.clamp_min(0))))


def bradley_terry(chosen: Tensor, rejected: Tensor) -> Tensor:
    """``-log σ(R_w - R_l)``: a reward model ranks the better answer higher.

    Args:
        chosen: Its scores of better answers.
        rejected: Of worse ones.

    Source: Ji et al. 2025, Safe RLHF-V, arXiv:2503.17682; Ouyang et al. 2022, arXiv:2203.02155.
    """
    return -logsigmoid(chosen - rejected)


def cost_model(worse: Tensor, better: Tensor, worse_sign: Tensor, better_sign: Tensor) -> Tensor:
    """``-log σ(C_w - C_l) - log σ(s_w · C_w) - log σ(s_l · C_l)``: ranks harm, and zero divides it.

    For code that trains a cost model; no command of this package does.

    Args:
        worse: Costs of the more harmful answers.
        better: Of the less harmful ones.
        worse_sign: 1 where that answer is harmful, -1 where it is safe.
        better_sign: The same of the other.

    Source: Dai et al. 2024, Safe RLHF, arXiv:2310.12773, as taken over by Safe RLHF-V, Ji et al.
    2025, arXiv:2503.17682.
    """
    signs = logsigmoid(worse_sign * worse) + logsigmoid(better_sign * better)
    return bradley_terry(worse, better) - signs
