"""A checker for any reverb or echo server, in any language, by what it sends and when."""
