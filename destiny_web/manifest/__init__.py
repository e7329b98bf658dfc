"""Bungie's definitions on disk: download, reduction to the fields that we use, and reading."""
