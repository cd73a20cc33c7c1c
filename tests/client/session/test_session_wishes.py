"""What was asked for while it was connected is asked for again on the next connection."""

from typing import Any

import anyio

import reverb_server
from reverb_server import Settings
from reverb_tui.connection.targets import Target
from reverb_tui.options import Options
from reverb_tui.protocol.negotiation import ServerInfo
from reverb_tui.session.session import Session
from tests.client.watcher import nobody, watched
from tests.virtual import anyio_backend as anyio_backend


async def answered(session: Session) -> ServerInfo:
    """Wait until the server has answered everything; return what is known of it then."""
    while True:
        await anyio.sleep(0.1)
        info = session.client.info if session.client else None
        if info and info.delay is not None and (info.wished, info.wished_mode) == (None, None):
            return info


async def in_force(target: Target, options: Options, *asked: dict[str, Any]) -> tuple[object, ...]:
    """Connect, ask, and lose the connection; return the delay and the mode on the next one."""
    session, _ = watched(target, options)
    settings = Settings(host=target.host, port=target.port, delay=2)
    async with anyio.create_task_group() as group:
        async with reverb_server.running(settings):
            group.start_soon(session.run)
            for wishes in asked:
                await answered(session)
                session.ask(**wishes)
            await answered(session)
        while session.client is not None:  # noqa: ASYNC110
            await anyio.sleep(0.1)
        async with reverb_server.running(settings):
            info = await answered(session)
            group.cancel_scope.cancel()
    return info.delay, info.mode


async def test_a_delay_and_a_mode_that_were_chosen_are_kept() -> None:
    info = await in_force(nobody(), Options(), {"delay": 0.25}, {"mode": "sequential"})
    assert info == (0.25, "sequential")


async def test_what_was_chosen_stands_above_the_command_line() -> None:
    target = nobody()
    options = Options(target.host, str(target.port), delay=0.5, mode="sequential")
    assert await in_force(target, options, {"delay": 0.25}) == (0.25, "sequential")


async def test_what_was_not_chosen_is_the_servers() -> None:
    assert await in_force(nobody(), Options(), {"limits": True}) == (2, "concurrent")
