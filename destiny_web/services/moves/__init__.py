"""Moves: from a player's command to the report of the job."""
