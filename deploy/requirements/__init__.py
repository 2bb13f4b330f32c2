"""What is asked of pip: requirement files, the RUN lines that name them, pins, and the machine that markers mean."""
