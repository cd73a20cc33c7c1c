"""Answer one shout at a time: the next one waits until the last echo has left (page 223)."""

import anyio
from anyio.abc import ByteStream
from golang import bufio, fmt, net, runtime, strings

PORT, DELAY = 8000, 1.0


async def echo(conn: ByteStream, shout: str, delay: float) -> None:
    # Go: fmt.Fprintln(c, "\t", strings.ToUpper(shout))
    await fmt.fprintln(conn, "\t", strings.to_upper(shout))
    await anyio.sleep(delay)  # Go: time.Sleep(delay)
    await fmt.fprintln(conn, "\t", shout)  # Go: fmt.Fprintln(c, "\t", shout)
    await anyio.sleep(delay)
    # Go: fmt.Fprintln(c, "\t", strings.ToLower(shout))
    await fmt.fprintln(conn, "\t", strings.to_lower(shout))


async def handle_conn(conn: ByteStream) -> None:
    async with conn:  # Go: c.Close(), at the end
        async for shout in bufio.scan(conn):  # Go: for input.Scan() {
            await echo(conn, shout, DELAY)  # Go: echo(c, input.Text(), 1*time.Second)


async def main() -> None:
    listener = await net.listen(PORT)  # Go: l, err := net.Listen("tcp", "localhost:8000")
    await listener.serve(handle_conn)  # Go: for { conn, err := l.Accept(); go handleConn(conn) }


if __name__ == "__main__":
    runtime.run(main)
