"""The pages of the admin address: health, metrics, connections."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import fields
from http import HTTPStatus
from typing import Final

import anyio

from reverb_server.admin.http import Answer, Request, sentence
from reverb_server.admin.metrics import Metrics
from reverb_server.net.figures import ConnectionState
from reverb_server.net.service import Service

CONNECTIONS_MOST: Final = 10_000
"""Connections that one answer lists."""

LISTED_IN_A_ROW: Final = 64
"""Connections listed before others get their turn: a millisecond's work."""

STATE_NAMES: Final = tuple(field.name for field in fields(ConnectionState))


class Pages:
    """Answers to requests about one service, one piece of work at a time whoever asks."""

    def __init__(self, service: Service, metrics: Metrics) -> None:
        self._service = service
        self._metrics = metrics
        self._working = anyio.Lock()

    async def respond(self, request: Request) -> Answer:
        """Return the page that is asked for."""
        if request.path == "/health":
            if self._service.ill:
                return sentence(HTTPStatus.SERVICE_UNAVAILABLE, self._service.ill)
            return sentence(HTTPStatus.OK, "ok")
        if request.path == "/metrics":
            async with self._working:
                figures = await self._service.figures_in_turns()
                body, content_type = await self._metrics.exposition(figures, request.accept)
            return Answer(HTTPStatus.OK, body, content_type)
        if request.path == "/connections":
            return Answer(HTTPStatus.OK, self._connections, "application/json")
        return sentence(HTTPStatus.NOT_FOUND, "not here: try /health, /metrics or /connections")

    async def _connections(self) -> AsyncGenerator[bytes, None]:
        """Yield a JSON object a part at a time: a list of 10,000 would hold up every echo."""
        separator, left, more = b'{"connections": [\n', CONNECTIONS_MOST, False
        async with aclosing(self._service.connection_states_in_turns(LISTED_IN_A_ROW)) as batches:
            while not more and (lines := await self._next_lines(batches)):
                more = len(lines) > left
                if left:
                    yield separator + ",\n".join(lines[:left]).encode("ascii")
                    separator = b",\n"
                left -= min(left, len(lines))
        if left == CONNECTIONS_MOST:
            yield separator
        yield f'\n], "more": {json.dumps(more)}}}\n'.encode("ascii")

    async def _next_lines(self, batches: AsyncGenerator[list[ConnectionState], None]) -> list[str]:
        async with self._working:
            return [_line(state) for state in await anext(batches, [])]


def _line(state: ConnectionState) -> str:
    told = {name: _value(getattr(state, name)) for name in STATE_NAMES}
    return json.dumps({**told, "seconds": round(state.seconds, 3)})


def _value(value: object) -> object:
    """Return a value for JSON: an empty text is null, and half a character is spelled out."""
    if not isinstance(value, str):
        return value
    return value.encode("utf-8", "backslashreplace").decode("utf-8") or None
