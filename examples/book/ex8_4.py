"""Echo shouts side by side, and close when the last echo has left (exercise 8.4)."""

import anyio
from anyio.abc import ByteStream
from golang import bufio, net, runtime
from reverb2 import echo

PORT, DELAY = 8000, 1.0


async def handle_conn(conn: ByteStream) -> None:
    lock = anyio.Lock()
    async with conn:
        async with anyio.create_task_group() as echoes:  # Go: var echoes sync.WaitGroup
            async for shout in bufio.scan(conn):
                # Go: echoes.Add(1); go func() { defer echoes.Done(); echo(c, shout, delay) }()
                echoes.start_soon(echo, conn, lock, shout, DELAY)
        # The block of a task group ends when its last task has.  Go: echoes.Wait()
        await net.close_write(conn)  # Go: c.(*net.TCPConn).CloseWrite()


async def main() -> None:
    await (await net.listen(PORT)).serve(handle_conn)


if __name__ == "__main__":
    runtime.run(main)
