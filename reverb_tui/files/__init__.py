"""The client's files: the configuration, the state, the history and the log."""
