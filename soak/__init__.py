"""The soak test: random players, all faults, and a check of each step against the sandbox."""
