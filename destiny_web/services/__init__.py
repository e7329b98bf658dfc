"""Use cases: client, manifest, storage and domain brought together. Plain arguments, no Flask."""
