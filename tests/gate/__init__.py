"""The gate of a service, and the violations that it must refuse."""
