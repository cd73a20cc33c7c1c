"""Clients under test: a right one, and those that lose something."""

import sys

import pytest

from reverb_check import client
from reverb_check.client import check_client
from reverb_check.findings import Asked, Report
from reverb_check.program import CannotStart
from reverb_check.promises import client as promises
from reverb_check.promises.promise import Verdict, Wishes

CLIENT = """
import os, socket, sys, threading
conn = socket.create_connection(("localhost", int(sys.argv[1])))
def show():
    while data := conn.recv(4096):
        {show}
    {at_end_of_server}
thread = threading.Thread(target=show, daemon=True)
thread.start()
while data := os.read(0, 4096):
    {send}
{at_end_of_input}
"""
RIGHT = {
    "show": "os.write(1, data)",
    "send": "conn.sendall(data)",
    "at_end_of_server": "os._exit(0)",
    "at_end_of_input": "conn.shutdown(socket.SHUT_WR); thread.join()",
}


async def checked(*command: str) -> Report:
    return await check_client(command, 0, Asked(), Wishes(), lambda _what: None)


@pytest.mark.parametrize(
    ("parts", "broken"),
    [
        ({}, set()),
        ({"at_end_of_input": ""}, {"stays"}),
        ({"at_end_of_server": ""}, {"ends"}),
        ({"send": "conn.sendall(data.replace(b'Hello', b'Hullo'))"}, {"sends", "stays"}),
        ({"show": "pass"}, {"shows", "stays"}),
    ],
    ids=["right", "leaves", "stays on", "changes", "hides"],
)
async def test_each_fault_breaks_its_own_promise(
    parts: dict[str, str], broken: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    patience = 5 if broken & {"ends", "shows"} else 30  # which is waited for in vain, or not at all
    monkeypatch.setattr(client, "AT_ONCE", patience)
    monkeypatch.setattr(promises, "AT_ONCE", patience)
    report = await checked(sys.executable, "-c", CLIENT.format(**{**RIGHT, **parts}), "{port}")
    assert {result.promise.id for result in report.having(Verdict.BROKEN)} == broken
    assert report.server is None


async def test_a_client_that_does_not_connect_is_told_so() -> None:
    with pytest.raises(CannotStart, match="ended with status 4, and did not connect"):
        await checked(sys.executable, "-c", "exit(4)")
    with pytest.raises(CannotStart, match="cannot start no-such-program"):
        await checked("no-such-program")
