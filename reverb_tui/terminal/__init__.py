"""The way to the terminal: its pace, what it sends, and that no cell is shifted."""
