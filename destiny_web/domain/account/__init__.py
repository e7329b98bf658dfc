"""What an account owns: characters, the vault, items and their definitions."""
