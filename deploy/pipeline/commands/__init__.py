"""What a user types: a command is the module of that name, and reads as a story of steps."""
