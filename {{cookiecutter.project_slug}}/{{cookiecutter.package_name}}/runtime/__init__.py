"""What makes any service twelve-factor. It comes from the template, and updates of the template change it."""
