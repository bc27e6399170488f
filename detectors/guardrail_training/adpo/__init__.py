"""Vision encoders that small perturbations do not mislead: AdPO, and FARE and TeCoA beside it."""
