"""CLIP: pictures that the project draws, towers trained on them, heads, export of any open_clip."""
