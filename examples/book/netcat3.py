"""Close the connection at the end of input, and wait for the other task to see it (page 227)."""

from contextlib import suppress

import anyio
from anyio.abc import ByteReceiveStream
from golang import io, log, net, runtime
from netcat1 import must_copy

PORT = 8000


async def print_all(conn: ByteReceiveStream) -> None:
    with suppress(*net.ERRORS):  # Go: // NOTE: ignoring errors
        await io.copy(io.stdout(), conn)  # Go: io.Copy(os.Stdout, conn)
    log.println("done")  # Go: log.Println("done")


async def main() -> None:
    conn = await net.dial(PORT)  # Go: conn, err := net.Dial("tcp", "localhost:8000")
    async with anyio.create_task_group() as tasks:  # Go: done := make(chan struct{})
        tasks.start_soon(print_all, conn)  # Go: go func() { …; done <- struct{}{} }()
        await must_copy(conn, io.stdin())  # Go: mustCopy(conn, os.Stdin)
        await conn.aclose()  # Go: conn.Close()
    # The block of a task group ends when its last task has.  Go: <-done


if __name__ == "__main__":
    runtime.run(main)
