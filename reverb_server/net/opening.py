"""Listeners of a server, wherever its settings say; and such for several processes."""

import socket

from reverb_server.net.given_sockets import given_listeners
from reverb_server.net.listeners import listen, listen_beside, listen_unix
from reverb_server.settings import Settings


async def open_listeners(settings: Settings) -> list[socket.socket]:
    """Listen where the settings say, or take the sockets that they give. Raises CannotListen."""
    if settings.fds:
        return given_listeners(settings.fds)
    if settings.unix is not None:
        return [await listen_unix(settings.unix)]
    return await listen(settings.host, settings.port)


async def open_listeners_for(count: int, settings: Settings) -> list[list[socket.socket]]:
    """Listen as `open_listeners`, for ``count`` processes; each has a list.

    By TCP each has sockets of its own, over which the kernel spreads connections. A Unix socket and
    those that were given are the same for all. Raises CannotListen.
    """
    first = await open_listeners(settings)
    if settings.fds or settings.unix is not None:
        return [first] * count
    lists = [first]
    try:
        while len(lists) < count:
            lists.append([])
            for listener in first:
                lists[-1].append(listen_beside(listener))
    except BaseException:
        for listener in (each for listeners in lists for each in listeners):
            listener.close()
        raise
    return lists
