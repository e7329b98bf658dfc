"""The inventory page, an item's page, and the actions on items."""
