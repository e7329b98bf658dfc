"""The inventory page, an item's page, and every move."""
