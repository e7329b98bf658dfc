"""Xûr's stock: asking Bungie, keeping it, and what a character is offered."""
