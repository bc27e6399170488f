"""Preference training: pairs of answers and pictures, their builders, one trainer."""
