"""The image and the compose files."""
