"""Disconnect a client that shouts nothing for ten seconds (exercise 8.8, on exercise 8.4)."""

import anyio
from anyio.abc import ByteStream
from golang import bufio, net, runtime
from reverb2 import echo

PORT, DELAY, IDLE = 8000, 1.0, 10.0


async def handle_conn(conn: ByteStream) -> None:
    lock = anyio.Lock()
    async with conn:
        async with anyio.create_task_group() as echoes:
            # Go: select { case shout := <-shouts: … case <-time.After(10 * time.Second): … }
            with anyio.move_on_after(IDLE) as silence:
                async for shout in bufio.scan(conn):
                    silence.deadline = anyio.current_time() + IDLE
                    echoes.start_soon(echo, conn, lock, shout, DELAY)
        await net.close_write(conn)


async def main() -> None:
    await (await net.listen(PORT)).serve(handle_conn)


if __name__ == "__main__":
    runtime.run(main)
