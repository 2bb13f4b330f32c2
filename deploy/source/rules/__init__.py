"""The checks: each a function from the material to its findings, one file a subject."""
