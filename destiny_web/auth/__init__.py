"""Sign-in with Bungie, and the signed-in player's client."""
