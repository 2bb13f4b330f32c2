"""What a user sees: a step that the terminal names is the module of that name."""
