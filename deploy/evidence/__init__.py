"""What was seen, kept: one record a deploy."""
