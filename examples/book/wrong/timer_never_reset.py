"""Disconnect a client some time after it has connected.

Wrong, because the timer starts once, when the client connects: a client that keeps shouting is
disconnected like a silent one. Right: start it again at each shout.

Breaks: idle
"""

import anyio
from anyio.abc import ByteStream
from right import bufio, echo, net, runtime

PORT, DELAY, IDLE = 8000, 1.0, 10.0


async def handle_conn(conn: ByteStream) -> None:
    lock = anyio.Lock()
    async with conn:
        async with anyio.create_task_group() as echoes:
            with anyio.move_on_after(IDLE):  # wrong: nothing moves this deadline
                async for shout in bufio.scan(conn):
                    echoes.start_soon(echo, conn, lock, shout, DELAY)
        await net.close_write(conn)


async def main() -> None:
    await (await net.listen(PORT)).serve(handle_conn)


if __name__ == "__main__":
    runtime.run(main)
