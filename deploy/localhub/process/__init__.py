"""The Hub as a process: starting it, finding it again, ending it, and the server that it runs."""
