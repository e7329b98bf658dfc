"""Flask plumbing that the blueprints share."""
