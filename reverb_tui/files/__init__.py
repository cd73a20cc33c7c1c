"""What is kept in files: the configuration, the choices, the history and the log."""
