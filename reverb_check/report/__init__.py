"""Reports of a check: for people, for programs, for continuous integration."""
