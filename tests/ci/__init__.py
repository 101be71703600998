"""Configuration of bots and pipelines, for the template and for the service."""
