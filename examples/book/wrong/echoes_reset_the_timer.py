"""Start the timer again at each shout and at each echo.

Wrong, because an echo is no sign of life from the client: the server's own lines keep a silent
client connected, two delays too long. Right: start the timer again at each shout alone.

Breaks: idle
"""

import anyio
from anyio.abc import ByteStream
from right import bufio, net, runtime, say, strings

PORT, DELAY, IDLE = 8000, 1.0, 10.0


async def handle_conn(conn: ByteStream) -> None:
    lock = anyio.Lock()

    async def echo(shout: str, silence: anyio.CancelScope) -> None:
        for turn, text in enumerate((strings.to_upper(shout), shout, strings.to_lower(shout))):
            await anyio.sleep(DELAY if turn else 0)
            await say(conn, lock, text)
            silence.deadline = anyio.current_time() + IDLE  # wrong

    async with conn:
        async with anyio.create_task_group() as echoes:
            with anyio.move_on_after(IDLE) as silence:
                async for shout in bufio.scan(conn):
                    silence.deadline = anyio.current_time() + IDLE
                    echoes.start_soon(echo, shout, silence)
        await net.close_write(conn)


async def main() -> None:
    await (await net.listen(PORT)).serve(handle_conn)


if __name__ == "__main__":
    runtime.run(main)
