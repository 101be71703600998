"""Measurements of bin/bench: speed, faults, availability, stops and the image."""
