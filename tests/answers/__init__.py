"""Answers: each becomes text in a service, or a refusal that says how to continue."""
