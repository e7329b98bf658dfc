"""A self-hosted companion for Destiny 2."""
