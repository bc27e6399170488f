"""Benchmarks: they measure cost and quality, print what they measured, and never assert times."""
