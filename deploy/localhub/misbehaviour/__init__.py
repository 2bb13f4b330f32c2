"""What the Hub is told to do wrong or to count: faults of routes, rate limits, requests."""
