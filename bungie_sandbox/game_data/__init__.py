"""Data of the game: facts, invented data, and the definitions of all items."""
