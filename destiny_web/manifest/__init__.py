"""Bungie's definitions on disk: downloaded, slimmed, read."""
