"""A server with all that it has switched on: workers, TLS, PROXY headers, an admin address.

HAProxy, in front of it, adds TLS and the headers, so that the benchmark's clients need neither.
Meanwhile somebody asks the admin address for everything, five times a second.
"""

import http.client
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.clients import Address, Served, serving
from reverb_server.testing.certificate import make_certificate

ASK_INTERVAL: Final = 0.2
"""Seconds between two requests to the admin address."""

CONFIG: Final = """
global
    maxconn 8000
defaults
    mode tcp
    timeout connect 60s
    timeout client 1h
    timeout server 1h
    timeout client-fin 150s
    timeout server-fin 150s
frontend shouts
    bind 127.0.0.1:{front}
    default_backend reverb
backend reverb
    server one 127.0.0.1:{back} ssl verify none send-proxy-v2
"""


@dataclass(frozen=True)
class Everything:
    """The server, and both ways to it."""

    served: Served
    front: Address
    """HAProxy's address."""
    back: Address
    """The server's own, which wants a header and TLS."""


@contextmanager
def serving_everything(*arguments: str) -> Iterator[Everything]:
    """Start it and what is around it; stop all of it afterwards."""
    if shutil.which("haproxy") is None:
        sys.exit("this needs haproxy")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        certificate, _ = make_certificate(folder)
        with (
            socket.create_server(("127.0.0.1", 0)) as front,
            socket.create_server(("127.0.0.1", 0)) as admin,
        ):
            front_port, admin_port = front.getsockname()[1], admin.getsockname()[1]
        with serving(
            "--workers=2",
            f"--tls-cert={certificate}",
            "--proxy-protocol=require",
            f"--admin=127.0.0.1:{admin_port}",
            *arguments,
        ) as served:
            config = folder / "haproxy.cfg"
            config.write_text(CONFIG.format(front=front_port, back=served.address[1]))
            with subprocess.Popen(
                ["haproxy", "-db", "-f", config], stderr=subprocess.DEVNULL
            ) as proxy:
                over = threading.Event()
                asking = threading.Thread(target=_ask, args=(admin_port, over))
                asking.start()
                try:
                    time.sleep(1)
                    yield Everything(served, ("127.0.0.1", front_port), served.address)
                finally:
                    over.set()
                    asking.join()
                    proxy.kill()


def _ask(port: int, over: threading.Event) -> None:
    """Ask for the figures and the list of connections, again and again."""
    while not over.wait(ASK_INTERVAL):
        for path in ("/metrics", "/connections"):
            with suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                connection.request("GET", path)
                connection.getresponse().read()
                connection.close()
