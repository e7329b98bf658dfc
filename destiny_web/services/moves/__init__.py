"""Moving, equipping, locking and undoing: from a command to a report."""
