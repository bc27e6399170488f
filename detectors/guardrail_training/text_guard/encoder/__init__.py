"""The text guard as a fine-tuned sentence encoder with one head a category."""
