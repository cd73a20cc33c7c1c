"""What lies over the screen for a while: help, details, a question."""
