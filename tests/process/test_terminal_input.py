"""The real command ``reverb-tui``: whatever a terminal sends is no more than what was typed."""

from tests.process.bare import bare
from tests.process.checks import assert_left_as_it_was, assert_no_foreign_control

BEGIN, END = b"\x1b[200~", b"\x1b[201~"


def test_a_pasted_line_is_never_a_command() -> None:
    with bare("--delay", "0.01") as client:
        client.until("connected")
        client.press(BEGIN + b"one\x1b]52;c;aGk=\x07\r/quit\r\x1b[200~two\r//x\r" + END)
        client.until("Send 4 lines?")
        client.press(b"\r")
        client.until("    /QUIT")
        client.until("    //X")
        client.press(b"\x11")
        assert client.ended() == 0
        assert_left_as_it_was(client)
    shown = assert_no_foreign_control(client.sent)
    assert "one␛]52;c;aGk=␇" in shown
    assert "␛[200~two" in shown


def test_a_byte_that_is_not_utf8_ends_nothing() -> None:
    with bare("--delay", "0.01") as client:
        client.until("connected")
        client.press(b"caf\xe9 \r" + BEGIN + b"caf\xe9 again" + END)
        client.until("    CAF\ufffd")
        client.press(b"\r")
        client.until("    CAF\ufffd AGAIN")
        client.press(b"\x11")
        assert client.ended() == 0
        assert_left_as_it_was(client)


def test_what_comes_in_one_burst_with_the_key_of_the_search_is_searched_for() -> None:
    with bare("--delay", "0.01") as client:
        client.until("connected")
        client.press(b"a word in the log\r")
        client.until("    a word in the log")
        for burst in (b"\x06word", b"\x06nothing\x15word"):
            since = len(client.sent)
            client.press(burst)
            client.until(" of 4", since)
            client.press(b"\x1b")
            client.until("Help", since)
        client.press(b"\x11")
        assert client.ended() == 0


UNASKED = [
    b"\x1b[97;1:3u",
    b"\x1b[3;1:3~",
    b"\x1b]11;rgb:1e1e/1e1e/1e1e\x07",
    b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\",
    b"\x1b[?62;22;52c",
    b"\x1bP>|xterm(390)\x1b\\",
    b"\x1b_Gi=31;OK\x1b\\",
    b"\x1b[5;9R",
    b"\x1b[<0;99999;99999M\x1b[<0;-9;-9m",
    b"\x1b[M\xff\xff\xff",
    b"\x1b[48;99999;99999;1;1t",
    b"\x1b[O",
    b"\x1b[" + b"9" * 5000 + b"u",
    b"\x9b?62;22;52c",
]


def test_no_reply_of_a_terminal_is_sent_and_no_key_ends_the_client() -> None:
    with bare("--delay", "0.01") as client:
        client.until("connected")
        for number, reply in enumerate(UNASKED):
            client.press(reply)
            client.press(b"z%d\r" % number)
            client.until(f"    Z{number}")
        client.press(b"\x1b]11;rgb:half a reply")
        client.press(b"\x1b[D\x1b[Clast\r")
        client.until("    LAST")
        client.press(b"\x11")
        assert client.ended() == 0
        assert_left_as_it_was(client)
    shown = assert_no_foreign_control(client.sent)
    assert "rgb:" not in shown
    assert "62;22" not in shown


def test_what_is_typed_before_the_first_frame_is_sent_in_order() -> None:
    with bare("--delay", "0.01") as client:
        client.press(b"one\ntwo\nthr")  # before the terminal is raw: its own line ends
        client.until("    ONE")
        client.until("    TWO")
        client.press(b"ee\r")
        client.until("    THREE")
        client.press(b"\x11")
        assert client.ended() == 0
