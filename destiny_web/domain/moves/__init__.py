"""Moving, equipping, locking and undoing: rules and plans, without any call to Bungie."""
