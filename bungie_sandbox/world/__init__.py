"""The players, their items, and the rules by which items change."""
