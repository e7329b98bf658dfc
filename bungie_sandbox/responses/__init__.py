"""What the Platform answers: the state of the world in Bungie's shapes."""
