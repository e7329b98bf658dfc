"""What the game is made of: facts, what we made up, definitions of every item."""
