"""What a request meets inside the app: context, middleware, security headers, errors, probes."""
