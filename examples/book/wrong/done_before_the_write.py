"""Count an echo as done just before it is sent.

Wrong, because the count falls to zero before the last echo has left: the task that waits for zero
closes the connection, and the echo is lost. Only one is, so it goes unnoticed. Right: `done` after
the last write (in Go with `defer`), or a task group, which counts automatically.

Breaks: half-close
"""

import anyio
from anyio.abc import ByteStream
from right import bufio, net, runtime, say, strings, sync

PORT, DELAY = 8000, 1.0


async def echo(conn: ByteStream, lock: anyio.Lock, shout: str, echoes: sync.WaitGroup) -> None:
    await say(conn, lock, strings.to_upper(shout))
    await anyio.sleep(DELAY)
    await say(conn, lock, shout)
    await anyio.sleep(DELAY)
    echoes.done()  # wrong
    await say(conn, lock, strings.to_lower(shout))


async def handle_conn(conn: ByteStream) -> None:
    lock = anyio.Lock()
    echoes = sync.WaitGroup()
    async with anyio.create_task_group() as tasks, conn:
        async for shout in bufio.scan(conn):
            echoes.add()
            tasks.start_soon(echo, conn, lock, shout, echoes)
        await echoes.wait()
        await net.close_write(conn)


async def main() -> None:
    await (await net.listen(PORT)).serve(handle_conn)


if __name__ == "__main__":
    runtime.run(main)
