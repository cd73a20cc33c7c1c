"""The screen, its keys, and what lies over it for a while: help, details, a question."""
