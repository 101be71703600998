"""What leaves the process: log events, the request event, metrics."""
