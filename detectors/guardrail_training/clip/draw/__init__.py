"""The project's own drawings: dangerous things, and what only looks like them."""
