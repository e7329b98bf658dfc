"""Xûr's schedule and stock."""
