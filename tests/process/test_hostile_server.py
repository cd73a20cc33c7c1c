"""What a server sends can't do anything to the terminal."""

from tests.process.bare import bare
from tests.process.checks import assert_no_foreign_control
from tests.process.servers import saying

HOSTILE = (
    b"\x1b]52;c;aGFja2Vk\x07 \x1b]0;t\x1b\\ \x9b31m \xc2\x9b5n \x1b[6n \x1bc [/red] \x07 \x08 \x0e"
)
ERROR = b'\x10{"reverb":1,"code":"x","error":"\\u001b]52;c;aGFja2Vk\\u0007 \\u009b5n"}'


def test_no_byte_of_a_server_reaches_the_terminal_as_a_control() -> None:
    lines = (HOSTILE, b"\t " + HOSTILE, ERROR, b"the end", b"")
    with saying(b"\n".join(lines)) as server, bare(*server) as client:
        client.until("the end")
        client.press(b"\x11")
        assert client.ended() == 0
    text = assert_no_foreign_control(client.sent)
    assert "␛]52;c;aGFja2Vk␇" in text
