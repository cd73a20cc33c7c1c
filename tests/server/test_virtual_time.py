"""Virtual time itself: it is virtual, exact, and misses nothing that comes over the loopback."""

import socket

import anyio

from tests.server.test_backends import assert_running_on
from tests.virtual import anyio_backend as anyio_backend


async def test_virtual_time_runs_on_the_backend_it_names(anyio_backend_name: str) -> None:
    assert_running_on(anyio_backend_name)


async def test_a_day_takes_no_time_and_is_exact() -> None:
    begin = anyio.current_time()
    await anyio.sleep(86_400)
    assert anyio.current_time() == begin + 86_400


async def test_time_stands_still_while_bytes_come() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        theirs, _ = listener.accept()
    with ours, theirs:
        ours.setblocking(False)
        theirs.setblocking(False)
        begin = anyio.current_time()
        with anyio.fail_after(1):
            for _ in range(500):
                for sender, receiver in [(ours, theirs), (theirs, ours)]:
                    sender.send(b"x" * 1_000)
                    await anyio.wait_readable(receiver)
                    receiver.recv(1_000)
        assert anyio.current_time() == begin
