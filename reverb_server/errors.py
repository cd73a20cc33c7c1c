"""The base of every error that is raised on purpose."""


class ReverbError(Exception):
    """Something can't be done as asked; the text is one sentence that says what and why."""
