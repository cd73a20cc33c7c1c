"""A line that has not ended when the connection does: it came, so it belongs into the log."""

import anyio
import pytest
from anyio.abc import SocketStream

from reverb_tui.entry import Kind
from reverb_tui.options import Options
from reverb_tui.session.session import Session
from tests.client.servers import Serving
from tests.client.watcher import Watcher
from tests.virtual import anyio_backend as anyio_backend


class Reader(Watcher):
    """An observer that knows which line has not ended."""

    unfinished = b""

    def show_unfinished(self, line: bytes) -> None:
        self.unfinished = line


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (b"Welcome.\nlogin: ", ["Welcome.", "login: "]),
        (b"Welcome.\n", ["Welcome."]),
        (b"x" * 10_000, ["x" * 8192 + "… (1,808 more bytes)"]),
    ],
)
async def test_a_line_that_will_not_end_is_put_into_the_log(
    said: bytes, kept: list[str], serving: Serving
) -> None:
    async def ask(stream: SocketStream) -> None:
        await stream.send(said)
        await anyio.sleep_forever()

    watcher = Reader()
    async with serving(ask) as target, anyio.create_task_group() as group:
        session = watcher.session = Session(target, Options(), watcher)
        group.start_soon(session.run)
        await anyio.sleep(1)
        assert said.endswith(b"\n") or watcher.unfinished
        group.cancel_scope.cancel()
    assert [text for kind, text, *_ in watcher.entries if kind == Kind.PLAIN] == kept
    assert watcher.unfinished == b""
