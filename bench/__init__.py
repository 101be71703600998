"""What bin/bench measures: speed, faults, availability, stops and the image."""
