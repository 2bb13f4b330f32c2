"""The order of a deploy: what is rehearsed, what reaches the Space, and what happens when it goes wrong."""
