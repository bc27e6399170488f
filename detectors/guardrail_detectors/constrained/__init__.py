"""Answers under a constraint: as helpful as possible, no more harmful than allowed.

Reward and cost with a Lagrange multiplier, after Safe RLHF-V (Ji et al. 2025, arXiv:2503.17682;
Dai et al. 2024, arXiv:2310.12773), without a model of its own: it ranks what others score.
"""
