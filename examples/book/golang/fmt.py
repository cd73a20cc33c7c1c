"""Printing to a connection, as Go's fmt does, with errors ignored as the book's programs do."""

from contextlib import suppress

from anyio.abc import ByteSendStream

from golang import net


async def fprint(conn: ByteSendStream, text: str) -> None:
    """Send a text."""
    with suppress(*net.ERRORS):
        await conn.send(text.encode(errors="surrogateescape"))


async def fprintln(conn: ByteSendStream, *words: str) -> None:
    """Send words with a space between two of them, and LF."""
    await fprint(conn, " ".join(words) + "\n")
