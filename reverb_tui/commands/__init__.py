"""What can be typed with a slash."""
