r"""What a terminal sends, as text that Textual reads as it was meant.

Textual ends the client at a byte that is not UTF-8, and takes what follows an ESC in a paste for
keys, so that a pasted line could be a command. So a byte that is not UTF-8 becomes U+FFFD, and
an ESC or a NUL in a paste becomes its picture, which stands for it in the prompt.
"""

import codecs
from typing import Final

BEGIN: Final = "\x1b[200~"
END: Final = "\x1b[201~"

_PICTURES: Final = {0x00: "␀", 0x1B: "␛"}


class Decoder(codecs.IncrementalDecoder):
    """Decodes read by read."""

    def __init__(self, errors: str = "strict") -> None:
        super().__init__(errors)
        self._utf8 = codecs.getincrementaldecoder("utf-8")("replace")
        self._pasting = False
        self._held = ""  # the end of a paste, maybe
        self._passed = ""  # the last that was passed on: the beginning of a paste, maybe

    def decode(self, data: bytes, final: bool = False) -> str:  # type: ignore[override]
        """Return the text of one read."""
        text = self._held + self._utf8.decode(data, final)
        self._held = ""
        done = ""
        while text:
            part, text = self._pasted(text, final) if self._pasting else self._typed(text)
            done += part
        return done

    def _typed(self, text: str) -> tuple[str, str]:
        """Part off what is passed on as it is, until a paste begins."""
        known = len(self._passed)
        place = (self._passed + text).find(BEGIN)
        self._pasting = place >= 0
        end = place + len(BEGIN) - known if self._pasting else len(text)
        self._passed = "" if self._pasting else (self._passed + text)[1 - len(BEGIN) :]
        return text[:end], text[end:]

    def _pasted(self, text: str, final: bool) -> tuple[str, str]:
        """Part off a paste as far as it is known to be one, or its end."""
        part, mark, rest = text.partition(END)
        self._pasting = not mark
        if self._pasting and not final:
            sizes = range(len(END) - 1, 0, -1)
            held = next((size for size in sizes if part.endswith(END[:size])), 0)
            part, self._held = part[: len(part) - held], part[len(part) - held :]
        return part.translate(_PICTURES) + mark, rest
