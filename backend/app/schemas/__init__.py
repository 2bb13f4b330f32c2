"""What requests and answers look like. The tables stay apart: nothing leaves the app that is not named here."""
