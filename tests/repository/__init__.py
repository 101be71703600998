"""The repository itself: its README, its scripts and its wording."""
