"""Send and print at the same time; end with the input, whatever is still to come (page 223)."""

import anyio
from golang import io, net, runtime
from netcat1 import must_copy

PORT = 8000


async def main() -> None:
    # Go: conn, err := net.Dial("tcp", "localhost:8000"); defer conn.Close()
    async with await net.dial(PORT) as conn, anyio.create_task_group() as tasks:
        tasks.start_soon(must_copy, io.stdout(), conn)  # Go: go mustCopy(os.Stdout, conn)
        await must_copy(conn, io.stdin())  # Go: mustCopy(conn, os.Stdin)
        tasks.cancel_scope.cancel()  # Go: when main returns, its goroutines are gone


if __name__ == "__main__":
    runtime.run(main)
