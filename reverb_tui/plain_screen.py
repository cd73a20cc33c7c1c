"""Output without a full screen: safe text, at once, even before a line has ended."""

from codecs import getincrementaldecoder
from typing import Final

from reverb_server.core.voice import INDENT
from reverb_tui.display import reversible

CR: Final = "\r"


class PlainScreen:
    """Makes safe to show what comes, as it comes.

    ``indent`` is whether echoes are indented by four blanks, and not by the sign of a tab.
    """

    def __init__(self, *, indent: bool) -> None:
        self._decoder = getincrementaldecoder("utf-8")("surrogateescape")
        self._indent = INDENT.decode() if indent else ""
        self._held = ""  # what may be the beginning of an indent, or of a line end
        self._at_line_start = True

    def show(self, data: bytes, *, final: bool = False) -> bytes:
        """Return what to write for bytes that came."""
        first, *lines = (self._held + self._decoder.decode(data, final)).split("\n")
        text = "".join(f"{self._line(line.removesuffix(CR))}\n" for line in [first, *lines][:-1])
        last = lines[-1] if lines else first
        self._held = "" if final else self._unclear(last)
        return (text + self._part(last.removesuffix(self._held))).encode()

    def end(self) -> bytes:
        """Return what to write when nothing more comes: what was held back, and a line end."""
        text = self.show(b"", final=True)
        return text if self._at_line_start and not text else text + b"\n"

    def _line(self, text: str) -> str:
        shown = self._part(text)
        self._at_line_start = True
        return shown

    def _part(self, text: str) -> str:
        indented = self._at_line_start and self._indent and text.startswith(self._indent)
        self._at_line_start = self._at_line_start and not text
        if indented:
            return "    " + reversible(text.removeprefix(self._indent))
        return reversible(text)

    def _unclear(self, text: str) -> str:
        if self._at_line_start and text and self._indent.startswith(text):
            return text
        return CR if text.endswith(CR) else ""
