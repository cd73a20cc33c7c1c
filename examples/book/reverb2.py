"""Echo shouts side by side, and lose pending echoes at the end of input (page 224)."""

import anyio
from anyio.abc import ByteStream
from golang import bufio, fmt, net, runtime, strings

PORT, DELAY = 8000, 1.0


async def say(conn: ByteStream, lock: anyio.Lock, text: str) -> None:
    # In Go the second of two writes waits for the first. In anyio it raises BusyResourceError,
    # which ends the server and all its clients: so the tasks of a connection take turns.
    async with lock:
        await fmt.fprintln(conn, "\t", text)  # Go: fmt.Fprintln(c, "\t", …)


async def echo(conn: ByteStream, lock: anyio.Lock, shout: str, delay: float) -> None:
    await say(conn, lock, strings.to_upper(shout))
    await anyio.sleep(delay)  # Go: time.Sleep(delay)
    await say(conn, lock, shout)
    await anyio.sleep(delay)
    await say(conn, lock, strings.to_lower(shout))


async def handle_conn(conn: ByteStream) -> None:
    lock = anyio.Lock()
    async with anyio.create_task_group() as tasks, conn:  # Go: c.Close(); the goroutines go on
        async for shout in bufio.scan(conn):  # Go: for input.Scan() {
            # Go: go echo(c, input.Text(), 1*time.Second)
            tasks.start_soon(echo, conn, lock, shout, DELAY)


async def main() -> None:
    await (await net.listen(PORT)).serve(handle_conn)  # Go: net.Listen, l.Accept, go handleConn


if __name__ == "__main__":
    runtime.run(main)
