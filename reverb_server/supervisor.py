"""The protocol of systemd, which others speak too: sd_listen_fds(3), sd_notify(3), the watchdog.

Only what the variables of this process say is taken for true.
"""

import logging
import socket
from collections.abc import Mapping
from typing import Final

import anyio

from reverb_server.command_line import printable
from reverb_server.net.connection_log import log_safe

FIRST_DESCRIPTOR: Final = 3
"""The first of the descriptors that are given, SD_LISTEN_FDS_START."""

MOST_DESCRIPTORS: Final = 1024
"""More of them are taken for a mistake."""

log = logging.getLogger("reverb_server")


def given_descriptors(variables: Mapping[str, str], pid: int) -> tuple[int, ...]:
    """Return the descriptors of the sockets that ``LISTEN_FDS`` gives to the process ``pid``.

    Raises ValueError, one sentence, if it gives no number of them.
    """
    if "LISTEN_FDS" not in variables or variables.get("LISTEN_PID") != str(pid):
        return ()
    count = variables["LISTEN_FDS"]
    if not (count.isascii() and count.isdecimal() and len(count) <= 4):
        raise ValueError(f"LISTEN_FDS={count!r} is no number of sockets")
    if not 0 < int(count) <= MOST_DESCRIPTORS:
        raise ValueError(f"LISTEN_FDS={count} is out of range: 1 to {MOST_DESCRIPTORS} are taken")
    return tuple(range(FIRST_DESCRIPTOR, FIRST_DESCRIPTOR + int(count)))


def watchdog_period(variables: Mapping[str, str], pid: int) -> float | None:
    """Return the seconds between two signs of life that the process ``pid`` has to give, if any.

    That is half of what the supervisor waits for.
    """
    wanted = variables.get("WATCHDOG_USEC")
    if wanted is None or variables.get("WATCHDOG_PID", str(pid)) != str(pid):
        return None
    if not (wanted.isascii() and wanted.isdecimal() and len(wanted) <= 18 and int(wanted)):
        log.warning(
            "left WATCHDOG_USEC=%s alone: it is no number of microseconds", log_safe(wanted)
        )
        return None
    return int(wanted) / 2_000_000


class Supervisor:
    """The supervisor that listens at ``address``, that of ``NOTIFY_SOCKET``; nobody without one."""

    def __init__(self, address: str | None) -> None:
        self._address = address
        self._socket: socket.socket | None = None
        if address and hasattr(socket, "AF_UNIX"):
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.setblocking(False)

    def tell(self, **states: object) -> None:
        """Send what has changed, without waiting; stop sending if nobody listens."""
        if self._socket is None or not self._address:
            return
        text = "\n".join(f"{name}={printable(str(state))}" for name, state in states.items())
        address = self._address
        if address.startswith("@"):  # of Linux' abstract ones
            address = "\0" + address[1:]
        try:
            self._socket.sendto(text.encode(errors="surrogateescape"), address)
        except BlockingIOError:
            pass  # it is slow: the next one may reach it
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "that is no address of a socket"
            log.warning("cannot tell NOTIFY_SOCKET=%s: %s", log_safe(self._address), reason)
            self.close()

    async def keep_alive(self, period: float | None) -> None:
        """Send a sign of life every ``period`` seconds, until cancelled."""
        while period and self._socket is not None:
            self.tell(WATCHDOG=1)
            await anyio.sleep(period)

    def close(self) -> None:
        """Send nothing more."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
