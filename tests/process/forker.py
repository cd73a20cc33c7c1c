"""The process from which others are forked: it has imported both programs, and drawn a client."""

import asyncio
import gc
import json
import os
import runpy
import socket
import sys
import time
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import trio  # noqa: F401  # what the programs import as they run, too
from anyio._backends import _asyncio, _trio  # noqa: F401

import reverb_server
import reverb_tui
from reverb_tui.app import ReverbApp
from reverb_tui.connection.targets import Embedded
from reverb_tui.options import Options
from tests.stylesheets import parse_once

MESSAGE = 1 << 20
"""More bytes than any message has."""


def serve(control: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Fork when asked to; return what is to be done, in the process that is to do it."""
    while True:
        message, descriptors, *_ = socket.recv_fds(control, MESSAGE, 3)
        if not message:
            sys.exit()
        request = json.loads(message)
        if "over" in request:
            _, status = os.waitpid(request["over"], 0)
            control.send(str(os.waitstatus_to_exitcode(status)).encode())
            continue
        pid = os.fork()
        if not pid:
            return request, descriptors
        for descriptor in descriptors:
            os.close(descriptor)
        control.send(str(pid).encode())


async def draw() -> None:
    """Draw a client, for no terminal: what that needs is then at hand in every process."""
    parse_once()
    async with ReverbApp(Embedded(), Options()).run_test():
        pass


def become(request: dict[str, Any], descriptors: list[int]) -> None:
    """Do what the interpreter does when it is started with such a command."""
    if request["session"]:
        os.setsid()
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
    os.closerange(3, max(descriptors) + 1)
    if os.isatty(1):
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    kind, program, *arguments = request["command"]
    sys.argv = [kind, *arguments]
    if kind == "-m":
        runpy.run_module(program, run_name="__main__", alter_sys=True)
    else:
        exec(program, {"__name__": "__main__"})


if __name__ == "__main__":
    for package in (reverb_server, reverb_tui):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith(("__main__", "pytest_plugin")):
                import_module(module.name)
    asyncio.run(draw())
    gc.freeze()
    control = socket.socket(fileno=int(sys.argv[1]))
    request, descriptors = serve(control)
    control.close()
    become(request, descriptors)
