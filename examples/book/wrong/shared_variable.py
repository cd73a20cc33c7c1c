"""Read the text of an echo, in its task, from a variable that all tasks share.

Wrong, because a task does not run where it is started: when it looks up `shout`, the loop may have
put the next shout there. Of several shouts that arrive together, the last one comes back for all.
The book warns of it: `go echo(c, input.Text())` reads the text before the goroutine starts, and a
`go func() { … }()` around it would read it afterwards. (ruff finds it: B023.) Right: pass the shout
as an argument.

Breaks: own-line
"""

import anyio
from anyio.abc import ByteStream
from right import bufio, echo, net, runtime

PORT, DELAY = 8000, 1.0


async def handle_conn(conn: ByteStream) -> None:
    lock = anyio.Lock()
    async with conn:
        async with anyio.create_task_group() as echoes:
            async for shout in bufio.scan(conn):

                async def echo_it() -> None:
                    await echo(conn, lock, shout, DELAY)  # noqa: B023  # wrong

                echoes.start_soon(echo_it)
        await net.close_write(conn)


async def main() -> None:
    await (await net.listen(PORT)).serve(handle_conn)


if __name__ == "__main__":
    runtime.run(main)
