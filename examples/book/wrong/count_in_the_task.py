"""Count an echo in its own task.

Wrong, because a task that has not got that far is not counted: the count is zero although echoes
are due, and the loop closes the connection. Here a task sleeps first, so the fault always shows.
Where counting is the first line of a task, it shows only when the input ends right after a shout:
rarely, and on another machine. Right: count before the task starts (in Go `Add` before `go`), or
use a task group, which does so automatically.

Breaks: half-close
"""

import anyio
from anyio.abc import ByteStream
from right import bufio, net, runtime, say, strings, sync

PORT, DELAY = 8000, 1.0


async def say_after(
    seconds: float, conn: ByteStream, lock: anyio.Lock, text: str, echoes: sync.WaitGroup
) -> None:
    await anyio.sleep(seconds)
    echoes.add()  # wrong
    await say(conn, lock, text)
    echoes.done()


async def handle_conn(conn: ByteStream) -> None:
    lock = anyio.Lock()
    echoes = sync.WaitGroup()
    async with anyio.create_task_group() as tasks, conn:
        async for shout in bufio.scan(conn):
            for turn, text in enumerate((strings.to_upper(shout), shout, strings.to_lower(shout))):
                tasks.start_soon(say_after, turn * DELAY, conn, lock, text, echoes)
        await echoes.wait()
        await net.close_write(conn)


async def main() -> None:
    await (await net.listen(PORT)).serve(handle_conn)


if __name__ == "__main__":
    runtime.run(main)
