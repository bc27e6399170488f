"""Trains what tells questions about who somebody is, or what they are, from other questions."""
