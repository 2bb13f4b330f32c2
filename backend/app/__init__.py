"""A task service: people register, log in, and keep tasks that nobody else can see."""
