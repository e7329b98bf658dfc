"""The soak test: random players, every fault, and a check of each step against the game."""
