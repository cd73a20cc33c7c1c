"""Send every byte back (page 222)."""

from contextlib import suppress

from anyio.abc import ByteStream
from golang import io, net, runtime

PORT = 8000


async def handle_conn(conn: ByteStream) -> None:
    async with conn:  # Go: c.Close(), at the end
        with suppress(*net.ERRORS):  # Go: // NOTE: ignoring errors
            await io.copy(conn, conn)  # Go: io.Copy(c, c)


async def main() -> None:
    listener = await net.listen(PORT)  # Go: l, err := net.Listen("tcp", "localhost:8000")
    await listener.serve(handle_conn)  # Go: for { conn, err := l.Accept(); go handleConn(conn) }


if __name__ == "__main__":
    runtime.run(main)
