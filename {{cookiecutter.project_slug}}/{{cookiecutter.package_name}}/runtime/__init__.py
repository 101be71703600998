"""What makes any service twelve-factor. The template owns this package and updates change it.

Imports point one way: server → telemetry → web → backing → settings. No module imports a feature.
"""
