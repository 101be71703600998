"""Rendered files: which there are, and that each is well formed."""
