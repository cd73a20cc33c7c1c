"""Requests to the admin address of a command."""

import http.client

from tests.process.commands import TIMEOUT


def ask(port: int, path: str) -> tuple[int, bytes]:
    """Ask for a page; return its status and its body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
