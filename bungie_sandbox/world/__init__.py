"""Players, what is theirs, and the rules by which it changes."""
