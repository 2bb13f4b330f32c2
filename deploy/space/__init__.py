"""One Space on a Hub: observe it, plan its changes, apply them, wait for them, go back."""
