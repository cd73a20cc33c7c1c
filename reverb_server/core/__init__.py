"""Echoes, to the byte and to the instant: bytes and instants in, bytes and an instant out."""
