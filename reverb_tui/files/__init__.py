"""The client's files: the configuration, the choices, the history and the log."""
