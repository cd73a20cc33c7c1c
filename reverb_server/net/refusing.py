"""The refusal of a connection over the limit: the sentence it is sent, and the close."""

from reverb_server.core import control
from reverb_server.net.connection_log import ConnectionRecord
from reverb_server.net.lingering_close import close_lingering
from reverb_server.net.stream import Gone, SocketStream


async def refuse(stream: SocketStream, record: ConnectionRecord, limit: int, *, tell: bool) -> None:
    """Send the reason if the other end can read it (``tell``), and close."""
    try:
        if tell:
            sentence = f"this server takes no more than {limit:,} at a time; try again later"
            record.bytes_out = stream.send_now(control.error("full", sentence))
            await close_lingering(stream)
    except Gone:
        pass
    finally:
        stream.close()
