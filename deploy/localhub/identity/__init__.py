"""Who calls, and what they may do: users, tokens, workflows, passes to the apps of private Spaces."""
