"""Changes of a user's tasks, as they happen, to that user's open pages."""
