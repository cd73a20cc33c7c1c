"""Close the connection at the end of input.

Wrong, because the end of input means only that the client will shout no more. It still listens, and
the echoes of its last shouts are not due yet: they are lost, as in the book's reverb2. Right: close
when the last echo has left.

Breaks: half-close
"""

import anyio
from anyio.abc import ByteStream
from right import bufio, echo, net, runtime

PORT, DELAY = 8000, 1.0


async def handle_conn(conn: ByteStream) -> None:
    lock = anyio.Lock()
    async with conn, anyio.create_task_group() as echoes:
        async for shout in bufio.scan(conn):
            echoes.start_soon(echo, conn, lock, shout, DELAY)
        echoes.cancel_scope.cancel()  # wrong


async def main() -> None:
    await (await net.listen(PORT)).serve(handle_conn)


if __name__ == "__main__":
    runtime.run(main)
