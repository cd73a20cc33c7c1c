"""Sockets and tasks around the core."""
