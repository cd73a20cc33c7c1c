"""Connecting to a server, and moving bytes between its stream and the protocol."""
