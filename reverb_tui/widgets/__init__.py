"""The widgets of the screen, each usable on its own."""
