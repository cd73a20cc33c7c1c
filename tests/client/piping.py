"""The pipe between two real pipes."""

import contextlib
import os
import threading
from collections.abc import Callable
from typing import Any

import anyio

from reverb_tui.connection.targets import AnyTarget
from reverb_tui.pipe import run_pipe


async def piped(target: AnyTarget, data: bytes | None, **options: Any) -> tuple[int, bytes]:
    """Run the pipe between two real pipes; return its exit status and its output."""
    output = bytearray()
    out_reader, out_writer = os.pipe()
    reading = in_thread(lambda: drain(out_reader, output))
    in_reader = writing = None
    if data is not None:
        in_reader, in_writer = os.pipe()
        writing = in_thread(lambda: feed(in_writer, data))
    with anyio.fail_after(20):
        status = await run_pipe(target, stdin=in_reader, stdout=out_writer, **options)
    os.close(out_writer)
    if in_reader is not None and writing is not None:
        os.close(in_reader)
        writing.join(10)
    reading.join(10)
    return status, bytes(output)


def in_thread(call: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    return thread


def drain(descriptor: int, output: bytearray) -> None:
    with open(descriptor, "rb") as file:
        output.extend(file.read())


def feed(descriptor: int, data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), open(descriptor, "wb", buffering=0) as file:
        file.write(data)
