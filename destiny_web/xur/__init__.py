"""Xûr: what he sells, when he comes, and telling people about it."""
