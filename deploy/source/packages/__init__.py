"""What the image installs, and whether that is what the code imports."""
