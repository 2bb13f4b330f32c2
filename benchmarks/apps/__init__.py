"""What the backend is compared with: the same endpoints written in other ways."""
