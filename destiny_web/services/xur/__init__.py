"""Xûr's stock: read from Bungie, kept in the store, and completed per character."""
