"""Several addresses of one server: the first that answers is taken.

They are tried one after the other, the next as soon as one fails or has said nothing for a while
(RFC 8305), families in turns. Many of them share the time: each has its turn before it is over.
"""

from collections.abc import Awaitable, Callable
from itertools import zip_longest
from socket import socket
from typing import Any, Final

import anyio

CONNECT_STAGGER: Final = 0.25
"""Seconds that an address has for itself at most before the next one is tried as well."""

TRIED_AT_ONCE: Final = 100
"""Addresses tried at a time: a process may have few descriptors. The oldest try makes room."""

SocketAddress = tuple[int, tuple[Any, ...]]
"""A family, and what a socket of this family connects to."""


async def first_to_answer(
    addresses: list[SocketAddress],
    connect: Callable[[SocketAddress], Awaitable[socket]],
    errors: list[OSError],
) -> socket | None:
    """Return a socket that is connected to one of the addresses, or None; add to ``errors``.

    Half of the time until the deadline is for beginning, the other half for the last to answer.
    """
    won: list[socket] = []
    trying: list[anyio.CancelScope] = []
    left = anyio.current_effective_deadline() - anyio.current_time()
    turn = min(CONNECT_STAGGER, left / 2 / max(1, len(addresses)))
    try:
        async with anyio.create_task_group() as attempts:

            async def attempt(
                address: SocketAddress, scope: anyio.CancelScope, over: anyio.Event
            ) -> None:
                with scope:
                    try:
                        won.append(await connect(address))
                        attempts.cancel_scope.cancel()
                    except OSError as error:
                        errors.append(error)
                trying.remove(scope)
                over.set()

            for address in in_turns(addresses):
                if len(trying) >= TRIED_AT_ONCE:
                    trying[0].cancel()
                scope, over = anyio.CancelScope(), anyio.Event()
                trying.append(scope)
                attempts.start_soon(attempt, address, scope, over)
                with anyio.move_on_after(turn):
                    await over.wait()
    except BaseException:
        for sock in won:
            sock.close()
        raise
    for sock in won[1:]:
        sock.close()
    return won[0] if won else None


def in_turns(addresses: list[SocketAddress]) -> list[SocketAddress]:
    """Return them with the families in turns, each in its order (RFC 8305, section 4)."""
    families: dict[int, list[SocketAddress]] = {}
    for address in addresses:
        families.setdefault(address[0], []).append(address)
    return [each for row in zip_longest(*families.values()) for each in row if each is not None]
