"""What would be shipped: the files, their revision, and what is wrong with them before anything is built."""
