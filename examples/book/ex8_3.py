"""Close only the write half at the end of input, and print the last echoes (exercise 8.3)."""

import anyio
from golang import io, net, runtime
from netcat1 import must_copy
from netcat3 import print_all

PORT = 8000


async def main() -> None:
    # Go: conn, err := net.Dial("tcp", "localhost:8000"); defer conn.Close()
    async with await net.dial(PORT) as conn, anyio.create_task_group() as tasks:
        tasks.start_soon(print_all, conn)
        await must_copy(conn, io.stdin())
        await net.close_write(conn)  # Go: conn.(*net.TCPConn).CloseWrite()


if __name__ == "__main__":
    runtime.run(main)
