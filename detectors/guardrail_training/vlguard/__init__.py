"""Safety fine-tuning of image-text-to-text models (VLGuard, Zong et al. 2024, arXiv:2402.02207)."""
