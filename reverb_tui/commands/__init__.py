"""Commands that are typed with a slash."""
