"""Print what a server sends, and send nothing (page 221)."""

from anyio.abc import ByteReceiveStream, ByteSendStream
from golang import io, log, net, runtime

PORT = 8000


async def must_copy(dst: ByteSendStream, src: ByteReceiveStream) -> None:
    try:
        await io.copy(dst, src)  # Go: if _, err := io.Copy(dst, src); err != nil {
    except net.ERRORS as error:
        log.fatal(f"the copy broke off ({error.__cause__ or 'closed'}): connect again")


async def main() -> None:
    async with await net.dial(PORT) as conn:  # Go: conn, err := net.Dial(…); defer conn.Close()
        await must_copy(io.stdout(), conn)  # Go: mustCopy(os.Stdout, conn)


if __name__ == "__main__":
    runtime.run(main)
