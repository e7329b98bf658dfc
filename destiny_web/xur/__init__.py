"""Xûr: the page, the feeds, the email, and the commands in the terminal."""
