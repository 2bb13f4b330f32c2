"""The image: built as a Space would build it, then booted as a Space would boot it."""
