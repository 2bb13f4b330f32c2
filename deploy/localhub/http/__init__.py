"""One request and its answer, whatever is asked: ASGI, the way through faults and quotas, bodies, ranges."""
