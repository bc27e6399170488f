"""Fine-tuning of what the pipeline uses; needs the extra ``train``."""
