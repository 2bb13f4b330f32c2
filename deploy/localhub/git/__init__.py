"""What the Hub keeps of a Space in git: its repository, what may be written there, and large files beside it."""
