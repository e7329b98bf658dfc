"""Flask code that the blueprints share."""
