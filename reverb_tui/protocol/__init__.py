"""The client's side of the protocol: no I/O, no clock."""
