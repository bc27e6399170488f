"""Pictures that hide a text: payloads on carriers, by technique; every random choice is seeded."""
