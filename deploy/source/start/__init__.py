"""What the image starts: from CMD and ENTRYPOINT through shells, scripts and launchers to a server."""
