"""Helpers of several rooms: rendered projects, programs beside a test, containers."""
