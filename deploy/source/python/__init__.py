"""What Python code says when it is read and not run."""
