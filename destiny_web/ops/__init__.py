"""Probes for those who run the site."""
