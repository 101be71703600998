"""The life of a service: edits of its team, and later versions of the template."""
