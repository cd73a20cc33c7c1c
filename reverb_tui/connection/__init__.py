"""One connection to a server: the way there, and what goes over it."""
