"""Wire formats: one lens for each provider, on strict JSON, JSON Pointer and event streams."""
