r"""Bytes from a terminal as events: what was typed, pasted or clicked, and nothing else.

Nothing raises, whatever comes, and only what a person typed or pasted is text. Sequences follow the
grammar of ECMA-48; `input_events` knows what they mean, and what it does not know is dropped. A
byte that is not UTF-8 is typed as U+FFFD.

Sequences can be cut off, or come in parts. After `ESCAPE_DELAY` without input, one that has begun
may have been a key: a lone ESC is Escape, ESC and ``[`` are Alt+[. For another `LATE` it may still
go on, if what comes makes it one that is known, or a string that ends; anything else was typed by a
person.
The waiting is the caller's, who calls `Decoder.idle` after `Decoder.wait` seconds without input.
"""

import codecs
import re
from itertools import zip_longest
from typing import Final

from textual.events import AppBlur, AppFocus, Paste
from textual.message import Message

from reverb_tui.terminal.input_events import Events

ESCAPE_DELAY: Final = 0.1
"""Seconds without input after which ESC is a key: a sequence comes in one go, as a rule."""

LATE: Final = 1.0
"""Seconds more for the rest of a sequence; and for more of a paste before it is shown."""

LONGEST_STRING: Final = 4096
"""Characters that are kept of a string that has not ended: what is in it means nothing here."""

BEGIN: Final = "200~"
END: Final = "\x1b[201~"
"""The brackets of a paste: after CSI, and in full."""

# Introducers: with ESC, as one C1 control, or as that control's byte, which is a letter in some
# charsets: it counts only before a parameter.
_CSI: Final = "(?:\x1b\\[|\x9b|\udc9b(?=[0-?]))"
_SS3: Final = "(?:\x1bO|\x8f)"
_STRING: Final = "(?:\x1b[]P_^X]|[\x90\x98\x9d-\x9f]|[\udc90\udc9d](?=[0-?]))"

_TOKEN: Final = re.compile(
    "(?P<text>[^\x1b\x80-\x9f\udc80-\udcff]+)"
    f"|{_CSI}(?P<csi>M[^\x1b]{{3}}"  # a report of the mouse in three characters
    r"|\[[ -~]"  # a function key of the Linux console
    r"|\d+\$(?=[^ -~])"  # a key of rxvt with Shift
    r"|[ -?]+[@-~]|[@-LN-Z\\\]^-~])"
    f"|{_SS3}(?P<ss3>[0-9;]*[ -/:<-~])"
    f"|(?P<string>{_STRING}[^\x07\x18\x1a\x1b\x9c\udc9c]*(?P<end>\x07|\x1b\\\\|\x9c|\udc9c)?)"
    "(?(end)|(?:[\x18\x1a]|(?=\x1b[^\\\\])))"  # or cancelled, or cut off
    "|(?P<escape>\x1b)(?=[\x00-\x07\x0b\x0c\x0e-\x1f])"
    "|\x1b(?P<alt>[^]\x00-\x07\x0b\x0c\x0e-\x1f[OP_^X])"
    "|(?P<byte>[\udc80-\udcff](?<![\udc90\udc9b\udc9d])|[\udc90\udc9b\udc9d](?=[^0-?]))"
    # What is cut off, and controls that introduce nothing.
    f"|{_CSI}(?:M[^\x1b]{{0,2}}(?=\x1b)|\\[(?=[^ -~])|[ -?]*(?=[^ -~]))"
    f"|{_SS3}[0-9;]*(?=[^ -~])"
    "|[\x80-\x8e\x91-\x97\x99\x9a\x9c]",
    re.DOTALL,
)
"""Complete sequences: anything that it does not match is the beginning of one."""

_BARE: Final = re.compile("\x1b[][OP_^X]?")
"""Keys that are also the beginning of a sequence."""

_ANYTHING: Final = re.compile("(?:\x1b\\[|\x9b)M..", re.DOTALL)
"""Beginnings that any character completes."""

_FOCUS: Final = (AppFocus, AppBlur)

_PAUSED_BYTES: Final = ("\udc90", "\udc9b", "\udc9d")


class Decoder:
    """Decodes read by read; any split gives the same, as long as there is no pause.

    But for the focus: of several reports in a row that one read brings, the last one counts.
    """

    def __init__(self) -> None:
        self._utf8 = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._events = Events()
        self._held = ""  # the beginning of a sequence
        self._paused = False  # since it, or since the last of a paste
        self._late = ""  # what came after the pause
        self._pasting = False
        self._paste: list[str] = []

    @property
    def wait(self) -> float | None:
        """Seconds without input after which to call `idle`; None: whatever comes comes."""
        if self._held or self._paste:
            return LATE if self._paused or self._pasting else ESCAPE_DELAY
        return None

    def feed(self, data: bytes) -> list[Message]:
        """Return the events of one read."""
        text = self._utf8.decode(data)
        if text and self._paused:
            text = self._late_part(text)
        return _settled(self._decode(text))

    def idle(self) -> list[Message]:
        """Return what can be said of what has begun, after some time without input."""
        if self._pasting:
            self._paste.append(self._held)
            self._held = ""
            self._paused = True
            return self._pasted()
        if self._paused:
            return self._decode(self._abandoned(self._late))
        self._paused = True
        self._utf8.reset()  # half a character at most, and of what is held
        held = self._held
        if held in _PAUSED_BYTES:
            self._abandoned("")
            return self._events.text("\ufffd")
        if _BARE.fullmatch(held):
            return self._events.alt(held[1:]) if held[1:] else self._events.text(held)
        key = self._events.csi(held[2:]) if held.startswith("\x1b[") else None
        if key is not None:
            self._abandoned("")
        return key or []

    def _decode(self, text: str) -> list[Message]:
        events: list[Message] = []
        text, self._held = self._held + text, ""
        place = 0
        while place < len(text):
            if self._pasting:
                place = self._take_paste(text, place, events)
                continue
            found = _TOKEN.match(text, place)
            if found is None:
                self._held = text[place:]
                if len(self._held) > LONGEST_STRING:
                    self._held = self._held[:3] + self._held[-1]
                break
            events += self._meaning(found)
            place = found.end()
        return events

    def _meaning(self, found: re.Match[str]) -> list[Message]:
        if found["text"] or found["escape"]:
            return self._events.text(found[0])
        if found["csi"] == BEGIN:
            self._pasting = True
        elif found["csi"]:
            return self._events.csi(found["csi"]) or []
        elif found["ss3"]:
            return self._events.ss3(found["ss3"]) or []
        elif found["alt"]:
            return self._events.alt(found["alt"])
        elif found["byte"]:
            return self._events.text("\ufffd")
        return []

    # What comes after a pause

    def _late_part(self, text: str) -> str:
        """Return what to decode now: the rest of what has begun, or what a person typed."""
        if self._pasting:
            self._paused = False
            if END not in text and (len(text) == 1 or text[0] == "\x1b"):
                self._pasting = False  # a key: the end of the paste was lost
            return text
        late = self._late + text
        found = _TOKEN.match(self._held + late)
        if found is not None and self._goes_on(found, late):
            self._paused = False
            self._late = ""
            return late
        if found is None and len(text) > 1 and late[0] >= " ":
            self._late = late
            return ""
        return self._abandoned(late)

    def _goes_on(self, found: re.Match[str], late: str) -> bool:
        """Whether something known is whole now; one character alone is sooner a key."""
        if found["string"]:
            return bool(found["end"])
        unclear = _BARE.fullmatch(self._held) or _ANYTHING.fullmatch(self._held)
        if len(late) == 1 and unclear:
            return False
        if found["csi"]:
            return found["csi"] == BEGIN or self._events.csi(found["csi"]) is not None
        return bool(found["ss3"]) and self._events.ss3(found["ss3"]) is not None

    def _abandoned(self, late: str) -> str:
        """Forget what has begun; return what was typed since."""
        self._held = self._late = ""
        self._paused = False
        return late

    # Pastes

    def _take_paste(self, text: str, place: int, events: list[Message]) -> int:
        """Take what is pasted, up to its end or to what may be the beginning of that."""
        end = text.find(END, place)
        if end >= 0:
            self._paste.append(text[place:end])
            self._pasting = False
            events += self._pasted()
            return end + len(END)
        sizes = range(min(len(END) - 1, len(text) - place), 0, -1)
        held = next((size for size in sizes if text.endswith(END[:size])), 0)
        self._paste.append(text[place : len(text) - held])
        self._held = text[len(text) - held :]
        return len(text)

    def _pasted(self) -> list[Message]:
        text = "".join(self._paste)
        self._paste.clear()
        text = re.sub("[\udc80-\udcff]", "\ufffd", text)
        return [Paste(text)] if text else []


def _settled(events: list[Message]) -> list[Message]:
    """Leave out reports of the focus that another one follows: each costs a screen drawn again."""
    return [
        event
        for event, following in zip_longest(events, events[1:])
        if not (isinstance(event, _FOCUS) and isinstance(following, _FOCUS))
    ]
