"""Wait for the last echo of a shout before reading the next one.

Wrong, because the loop reads nothing while it awaits an echo: a second shout waits until the first
has ended, as in the book's reverb1. A single shout sounds right. Right: start each echo as a task,
and read on.

Breaks: overlap
"""

import anyio
from anyio.abc import ByteStream
from right import bufio, echo, net, runtime

PORT, DELAY = 8000, 1.0


async def handle_conn(conn: ByteStream) -> None:
    lock = anyio.Lock()
    async with conn:
        async for shout in bufio.scan(conn):
            await echo(conn, lock, shout, DELAY)  # wrong
        await net.close_write(conn)


async def main() -> None:
    await (await net.listen(PORT)).serve(handle_conn)


if __name__ == "__main__":
    runtime.run(main)
