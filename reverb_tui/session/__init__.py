"""One server over time: connections to it, one after the other, and what becomes of their lines."""
