"""Clients of a server under trial: good ones, which check every echo, and rude ones.

All of them are plain blocking sockets, each to be run in a process or a thread of its own: what
they cost does not count as the server's. ``seconds`` is how long they go on.
"""

import math
import os
import re
import resource
import selectors
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

Address = tuple[str, int]
Attack = Callable[[Address, float], None]

PAUSE = 0.05
"""Seconds between two shouts of a good client."""


def at_most(count: int) -> int:
    """Return how many sockets to have at a time: half of what this process may open, at most."""
    return min(count, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)


class Wrong(Exception):
    """An echo that is not what it should be, or that never came."""


def good(address: Address, seconds: float, delay: float) -> float:
    """Shout, check every echo, and return the worst lateness of one, in seconds.

    Counted from when it is served: before that, it stands in the kernel's queue with all others.
    Raises Wrong if an echo is missing or another one than was due.
    """
    sent: dict[int, float] = {}
    heard: dict[int, int] = {}
    served_at = math.inf
    worst = 0.0
    with socket.create_connection(address) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(PAUSE)
        end = time.monotonic() + seconds
        unread, number, open_ = b"", 0, True
        while True:
            now = time.monotonic()
            if now < end:
                if number == 0 or now >= sent[number] + PAUSE:
                    number += 1
                    sent[number] = now
                    sock.sendall(b"Shout %d\n" % number)
            elif open_:
                open_ = False
                sock.shutdown(socket.SHUT_WR)
                sock.settimeout(20)
            try:
                data = sock.recv(65_536)
            except TimeoutError:
                if not open_:
                    raise Wrong("the end never came") from None
                continue
            if not data:
                break
            now = time.monotonic()
            *lines, unread = (unread + data).split(b"\n")
            for line in lines:
                match = re.fullmatch(rb"\t (SHOUT|Shout|shout) (\d+)", line)
                if match is None:
                    raise Wrong(f"this is no echo: {line!r}")
                shout = int(match[2])
                stage = heard.get(shout, 0)
                if match[1] != (b"SHOUT", b"Shout", b"shout")[stage]:
                    raise Wrong(f"this echo came out of its turn: {line!r}")
                heard[shout] = stage + 1
                served_at = min(served_at, now)
                if sent[shout] >= served_at:
                    worst = max(worst, now - sent[shout] - stage * delay)
    missing = [shout for shout in sent if heard.get(shout) != 3]
    if missing or unread:
        raise Wrong(f"echoes are missing: {len(missing)} of {len(sent)} shouts")
    return worst


def reset(sock: socket.socket) -> None:
    """Close the connection with a reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def until(seconds: float) -> Iterator[None]:
    """Yield again and again for so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield


def _push(address: Address, seconds: float, data: bytes, *, read: bool, most: int = 0) -> None:
    """Send one thing over and over, as fast as it goes, and read what comes or never do."""
    with socket.create_connection(address) as sock, selectors.DefaultSelector() as selector:
        sock.setblocking(False)
        selector.register(sock, selectors.EVENT_WRITE | (selectors.EVENT_READ if read else 0))
        total, rest = 0, memoryview(data)
        for _ in until(seconds):
            for _, events in selector.select(0.1):
                if events & selectors.EVENT_READ and not sock.recv(1 << 20):
                    return
                if events & selectors.EVENT_WRITE:
                    with suppress(BlockingIOError):
                        sent = sock.send(rest)
                        total += sent
                        rest = rest[sent:] or memoryview(data)
            if most and total >= most:
                break
        time.sleep(0.1)


def floods_and_never_reads(address: Address, seconds: float) -> None:
    """Leave the server with all echoes."""
    _push(address, seconds, b"Is there anybody there?\n" * 3_000, read=False)


def floods_blank_lines(address: Address, seconds: float) -> None:
    """Send what costs the server nine times as much, and read all."""
    _push(address, seconds, b"\n" * 65_536, read=True)


def floods_requests(address: Address, seconds: float) -> None:
    """Ask over and over, and read the answers."""
    _push(address, seconds, b'\x10{"reverb":1,"id":1,"delay":0.5}\n' * 2_000, read=True)


def sends_random_bytes(address: Address, seconds: float) -> None:
    """Send what is neither text nor a protocol, and read what comes."""
    _push(address, seconds, os.urandom(1 << 20), read=True)


def sends_100_mb_without_a_line_feed(address: Address, seconds: float) -> None:
    """Send one endless line."""
    _push(address, seconds, b"x" * (1 << 20), read=True, most=100_000_000)


def drips(address: Address, seconds: float) -> None:
    """Hold 200 connections, and send a byte now and then in each."""
    socks = [socket.create_connection(address) for _ in range(at_most(200))]
    for _ in until(seconds):
        for sock in socks:
            sock.send(b"x")
        time.sleep(min(1.0, seconds / 3))
    for sock in socks:
        sock.close()


def resets_in_the_middle(address: Address, seconds: float) -> None:
    """Shout, take a little of the echoes, and go with a reset."""
    for _ in until(seconds):
        sock = socket.create_connection(address)
        sock.sendall(b"Is there anybody there?\n" * 4_000)
        sock.recv(1_000)
        reset(sock)


def half_closes_at_once(address: Address, seconds: float) -> None:
    """Say nothing, and wait for the end."""
    for _ in until(seconds):
        with socket.create_connection(address) as sock, suppress(ConnectionError):
            sock.shutdown(socket.SHUT_WR)
            sock.recv(1)


def comes_and_goes(address: Address, seconds: float) -> None:
    """Open 1,000 connections and close them, over and over."""
    for _ in until(seconds):
        for sock in [socket.create_connection(address) for _ in range(at_most(1_000))]:
            sock.close()
        time.sleep(0.2)


def joins_two_connections(address: Address, seconds: float) -> None:
    """Send each of two connections what the other says: two reverbs that talk to each other."""
    with (
        socket.create_connection(address) as one,
        socket.create_connection(address) as two,
        selectors.DefaultSelector() as selector,
    ):
        selector.register(one, selectors.EVENT_READ, two)
        selector.register(two, selectors.EVENT_READ, one)
        one.sendall(b"Hello?\n")
        for _ in until(seconds):
            for key, _ in selector.select(0.1):
                sock = key.fileobj
                assert isinstance(sock, socket.socket)
                key.data.settimeout(0.5)
                with suppress(TimeoutError):
                    key.data.sendall(sock.recv(65_536))


def crowds(address: Address, seconds: float) -> None:
    """Open more connections than the server takes, and keep those that it does take."""
    socks: list[socket.socket] = []
    for _ in until(seconds):
        if len(socks) < at_most(1_500):
            socks.append(socket.create_connection(address))
        else:
            time.sleep(0.05)
    for sock in socks:
        sock.close()


ATTACKS: dict[str, Attack] = {
    attack.__name__.replace("_", " "): attack
    for attack in (
        floods_and_never_reads,
        floods_blank_lines,
        floods_requests,
        sends_random_bytes,
        sends_100_mb_without_a_line_feed,
        drips,
        resets_in_the_middle,
        half_closes_at_once,
        comes_and_goes,
        joins_two_connections,
        crowds,
    )
}


class Served:
    """The command, running in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], address: Address) -> None:
        self.address = address
        self._process = process

    def memory(self, most: bool = False) -> float:
        """Its memory now, or the most it ever had, in MB; that of its workers is added."""
        total = 0
        for pid in self._pids():
            with open(f"/proc/{pid}/status") as status:
                found = re.search(rf"{'VmHWM' if most else 'VmRSS'}:\s+(\d+)", status.read())
            assert found is not None
            total += int(found[1])
        return total / 1024

    def descriptors(self) -> int:
        """Its open files, and those of its workers."""
        return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in self._pids())

    def _pids(self) -> list[int]:
        parent = self._process.pid
        threads = Path(f"/proc/{parent}/task").glob("*/children")  # each has its own
        return [parent, *(int(pid) for thread in threads for pid in thread.read_text().split())]


@contextmanager
def serving(*arguments: str, descriptors: int = 0) -> Iterator[Served]:
    """Start the command on a free port with a log that is thrown away, and stop it afterwards.

    ``descriptors`` is its limit of open files, where that is not this process's.
    """

    def limit() -> None:
        if descriptors:
            resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--host", "127.0.0.1", "--port", str(port), "--log-level", "error"]
    process = subprocess.Popen(
        [sys.executable, "-m", "reverb_server", *options, *arguments],
        preexec_fn=limit,
        text=True,
    )
    try:
        while process.poll() is None:
            with suppress(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port)).close()
                break
            time.sleep(0.1)
        time.sleep(0.3)
        yield Served(process, ("127.0.0.1", port))
    finally:
        process.terminate()
        process.wait(20)
