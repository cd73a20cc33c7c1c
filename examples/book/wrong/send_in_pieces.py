"""Send what one write takes of an echo, and the rest with another one.

Wrong, because another echo may get in between: each piece arrives whole, and the lines are torn. It
takes several long shouts at once to see it. Here a write takes 32 bytes, so the fault always shows;
a kernel takes less than a line only from a client that reads slowly. (With no lock at all it is
worse: the second of two tasks in `send` gets BusyResourceError, which ends the server.) Right: hold
the lock for the whole line.

Breaks: whole-lines
"""

import anyio
from anyio.abc import ByteStream
from right import bufio, fmt, net, runtime, strings

PORT, DELAY = 8000, 1.0
TAKES = 32


async def say(conn: ByteStream, lock: anyio.Lock, text: str) -> None:
    line = f"\t {text}\n"
    for piece in (line[:TAKES], line[TAKES:]):
        async with lock:  # wrong: its turn ends before the line does
            await fmt.fprint(conn, piece)


async def echo(conn: ByteStream, lock: anyio.Lock, shout: str) -> None:
    await say(conn, lock, strings.to_upper(shout))
    await anyio.sleep(DELAY)
    await say(conn, lock, shout)
    await anyio.sleep(DELAY)
    await say(conn, lock, strings.to_lower(shout))


async def handle_conn(conn: ByteStream) -> None:
    lock = anyio.Lock()
    async with conn:
        async with anyio.create_task_group() as echoes:
            async for shout in bufio.scan(conn):
                echoes.start_soon(echo, conn, lock, shout)
        await net.close_write(conn)


async def main() -> None:
    await (await net.listen(PORT)).serve(handle_conn)


if __name__ == "__main__":
    runtime.run(main)
