"""The option matrix: every two options together."""
