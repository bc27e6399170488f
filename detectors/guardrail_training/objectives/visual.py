"""Objectives that compare pictures too: Image-DPO, mDPO, HA-DPO, CHiP, adversarial DPO, AdPO."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import logsigmoid

from guardrail_training.objectives.answers import total
from guardrail_training.objectives.textual import dpo


def image_dpo(good: Tensor, bad: Tensor, beta: float) -> Tensor:
    """``-log σ(β · (r(y|m, x) - r(y|m', x)))``: the same answer, preferred with the right picture.

    Args:
        good: Log ratios of the answer beside its picture m.
        bad: Beside a corrupted picture m'.
        beta: Scale.

    Source: Image-DPO, Luo et al. 2025, arXiv:2501.00569; the conditional preference (CoPO) of
    mDPO, Wang et al. 2024, arXiv:2406.11839.
    """
    return dpo(good, bad, beta)


def anchored(chosen: Tensor, beta: float, anchor: float = 0.0) -> Tensor:
    """``-log σ(β · r_w - δ)``: the chosen answer shall not become less likely than it was.

    Source: AncPO of mDPO, Wang et al. 2024, arXiv:2406.11839; δ = 0 there.
    """
    return -logsigmoid(beta * chosen - anchor)


def mdpo(
    chosen: Tensor, rejected: Tensor, corrupted: Tensor, beta: float, anchor: float = 0.0
) -> Tensor:
    """``DPO + CoPO + AncPO``.

    Args:
        chosen: Log ratios of the chosen answer beside its picture.
        rejected: Of the rejected answer beside the same picture.
        corrupted: Of the chosen answer beside a corrupted picture.
        beta: Of all three.
        anchor: δ of ``anchored``.

    Source: mDPO, Wang et al. 2024, arXiv:2406.11839.
    """
    return (
        dpo(chosen, rejected, beta)
        + image_dpo(chosen, corrupted, beta)
        + anchored(chosen, beta, anchor)
    )


def ha_dpo(
    chosen: Tensor, rejected: Tensor, likelihood: Tensor, beta: float, weight: float
) -> Tensor:
    """``DPO - λ · log π_θ(y_w|x)``: with the causal language-model loss, for stability.

    Args:
        chosen: Log ratios of the answer without hallucination.
        rejected: Of the one with.
        likelihood: Mean log-probability of a token of the chosen answer under the policy.
        beta: Of DPO.
        weight: λ.

    Source: HA-DPO, Zhao et al. 2023, arXiv:2311.16839.
    """
    return dpo(chosen, rejected, beta) - weight * likelihood


def token_preference(chosen: Tensor, rejected: Tensor, beta: float) -> Tensor:
    """``sg(β · D_w) - β · D_l``, D the sequential KL divergences of both answers.

    The rejected answer's distribution may move away from the reference as far as the chosen one's.

    Args:
        chosen: Sum over its tokens of KL(π_ref ‖ π_θ); its gradient is stopped.
        rejected: The same of the rejected answer.
        beta: Scale.

    Source: CHiP, Fu et al. 2025, arXiv:2501.16629, after TDPO, Zeng et al. 2024, arXiv:2404.11999.
    """
    return beta * chosen.detach() - beta * rejected


def chip(
    response: tuple[Tensor, Tensor],
    segment: tuple[Tensor, Tensor],
    token: tuple[Tensor, Tensor],
    corrupted: Tensor,
    *,
    beta: float,
    segment_weight: float,
    token_weight: float,
) -> Tensor:
    """``L_visual + L_response + λ · L_segment + γ · L_token``: preferences at four levels.

    The published code joins the levels inside one log-sigmoid; this is the paper's sum.

    Args:
        response: Log ratios of the chosen and the rejected answer.
        segment: The same with ``segment_weighted`` tokens.
        token: Sequential KL divergences of both, see ``token_preference``.
        corrupted: Log ratios of the chosen answer beside a corrupted picture.
        beta: Of all levels.
        segment_weight: λ.
        token_weight: γ.

    Source: CHiP, Fu et al. 2025, arXiv:2501.16629.
    """
    return (
        image_dpo(response[0], corrupted, beta)
        + dpo(*response, beta)
        + segment_weight * dpo(*segment, beta)
        + token_weight * token_preference(*token, beta)
    )


def adversarial_dpo(
    clean: tuple[Tensor, Tensor], adversarial: tuple[Tensor, Tensor], beta: float, share: float
) -> Tensor:
    """``(1 - s) · DPO(x) + s · DPO(x + δ*)``, δ* the perturbation that raises the DPO loss most.

    Args:
        clean: Log ratios of the chosen and the rejected answer beside the picture.
        adversarial: Of both beside the attacked picture; the reference should have been trained
            against attacks too.
        beta: Of both.
        share: s; 1 is the paper's.

    Source: adversary-aware DPO, Weng et al. 2025, arXiv:2502.11455, section 3.
    """
    return (1 - share) * dpo(*clean, beta) + share * dpo(*adversarial, beta)


def preferred_image(chosen: Tensor, rejected: Tensor, beta: float) -> Tensor:
    """``-log σ(β · r(y_w|x, q) - β · r(y_l|x_adv, q))``: PIO, what clean pictures say shall win.

    Args:
        chosen: Log ratios of the answer to the clean picture, beside the clean picture.
        rejected: Of the answer to the attacked picture, beside the attacked picture.
        beta: 0.1 in the paper.

    Source: AdPO, Liu et al. 2025, arXiv:2504.01735.
    """
    return dpo(chosen, rejected, beta)


def adversarial_image(log_probability: Tensor, mask: Tensor, *, confident: bool = True) -> Tensor:
    """``-Σ_t sg(π_t) · log π_t``: AIO, the clean answer is learnt beside the attacked picture.

    Args:
        log_probability: ``log π_t``, of each token of the clean picture's answer beside the
            attacked picture under the policy; shape (batch, tokens).
        mask: True on tokens of the answer.
        confident: Weigh each token by its own probability, so that what the model cannot say yet
            does not overrule what it can; plain imitation (a weight of 1) otherwise.

    Source: AdPO, Liu et al. 2025, arXiv:2504.01735.
    """
    weight = log_probability.detach().exp() if confident else 1.0
    return -total(weight * log_probability, mask)


def adpo(preferred: Tensor, adversarial: Tensor, weight: float) -> Tensor:
    """``PIO + λ · AIO``; λ = 1 in the paper.

    Source: AdPO, Liu et al. 2025, arXiv:2504.01735.
    """
    return preferred + weight * adversarial
