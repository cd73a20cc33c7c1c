"""Which shout an echo belongs to, when it was due, and what the figures are."""
