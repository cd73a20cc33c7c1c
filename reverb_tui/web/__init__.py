"""The client in browsers: a page, and a process of the client for each visitor."""
