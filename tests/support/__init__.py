"""What several rooms share: rendered projects, programs beside a test, container engines."""
