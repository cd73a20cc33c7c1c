"""The line to type in, and the row under it for what it has to say."""

from reverb_tui.widgets.prompt.prompt import Prompt

__all__ = ["Prompt"]
