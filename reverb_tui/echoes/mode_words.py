"""Words for the modes of a server."""

from typing import Final

MODE_WORDS: Final = {"concurrent": "all at once", "sequential": "one at a time"}
"""How shouts are handled in each mode."""


def changed_mode(mode: str, pending: int) -> str:
    """Return the line on a mode that was changed while so many shouts were pending."""
    line = f"mode: {mode}, {MODE_WORDS.get(mode, mode)}"
    if not pending:
        return line
    keep = "shout keeps its" if pending == 1 else "shouts keep their"
    return f"{line}, from the next shout on; {pending:,} pending {keep} order"
