"""Random sequences as terminals send them, whole, cut off, doubled and in parts."""

import random
from itertools import pairwise

from textual.message import Message

from reverb_tui.terminal.input_decoder import Decoder

PRINTABLE = [chr(code) for code in range(0x20, 0x7F)]
STRINGS = ["\x1b]", "\x1bP", "\x1b_", "\x1b^", "\x1bX", "\x9d", "\x90", "\x9f", "\x9e", "\x98"]


def random_sequence(chance: random.Random) -> list[bytes]:
    """Give a sequence that is no key which types something, split anywhere into reads."""
    sequence = chance.choice([_csi, _csi, _csi, _string, _string, _ss3, _mouse])(chance)
    data = sequence.encode()
    if chance.random() < 0.2:
        data += data
    elif chance.random() < 0.2:
        data = data[: chance.randrange(2, len(data) + 1)]
    places = sorted(chance.randrange(len(data) + 1) for _ in range(chance.randrange(4)))
    return [data[begin:end] for begin, end in pairwise([0, *places, len(data)])]


def pause(decoder: Decoder) -> list[Message]:
    """Let nothing come for as long as anything is waited for."""
    found: list[Message] = []
    for _ in range(4):
        if decoder.wait is not None:
            found += decoder.idle()
    return found


def _csi(chance: random.Random) -> str:
    while True:
        marker = chance.choice(["", "", "?", ">", "=", "<"])
        numbers = [
            str(chance.choice([0, 1, 2, 3, 5, 27, 48, 97, 200, chance.randrange(10**6), 10**30]))
            for _ in range(chance.randrange(6))
        ]
        separators = [chance.choice(";;;:") for _ in numbers]
        parameters = "".join(number + by for number, by in zip(numbers, separators, strict=True))
        between = chance.choice(["", "", "", "$", " ", "'"])
        final = chance.choice([chr(code) for code in range(0x40, 0x7F)])
        body = marker + parameters.rstrip(";:") * chance.choice([0, 1, 1, 1]) + between + final
        types = not marker and not between and (final in "u[M" or body.startswith("27;"))
        if not types and body != "200~":
            return chance.choice(["\x1b[", "\x1b[", "\x9b"]) + body


def _string(chance: random.Random) -> str:
    content = "".join(chance.choices([*PRINTABLE, "é", "\n"], k=chance.randrange(60)))
    return (
        chance.choice(STRINGS) + content + chance.choice(["\x07", "\x1b\\", "\x1b\\", "\x9c", ""])
    )


def _ss3(chance: random.Random) -> str:
    return chance.choice(["\x1bO", "\x8f"]) + chance.choice("ABCDEFGHIMPQRSZabcdz@[~")


def _mouse(chance: random.Random) -> str:
    x, y = (chance.choice([-1, 0, 1, 80, 223, 1000, 10**9]) for _ in range(2))
    button = chance.randrange(256)
    return chance.choice(
        [
            f"\x1b[<{button};{x};{y}M",
            f"\x1b[<{button};{x};{y}m",
            f"\x1b[{button + 32};{x};{y}M",
            "\x1b[M" + "".join(chr(chance.randrange(32, 255 - 32)) for _ in range(3)),
        ]
    )
