"""The versions of the programs that are checked, and whether they are installed at all."""

import platform
import re
import shutil
import subprocess

import reverb_server
from bench.check.peers import GO, HAPROXY_NAME, NCAT, NGINX_NAME, PYTHON, REVERB, SOCAT
from bench.check.proxies import stream_module
from bench.programs import Failed, go_command

COMMANDS = {
    NCAT: ["ncat", "--version"],
    SOCAT: ["socat", "-V"],
    HAPROXY_NAME: ["haproxy", "-v"],
    NGINX_NAME: ["nginx", "-v"],
}


def version(program: str) -> str:
    """Return a program's version. Raises Failed with a sentence if it is not installed."""
    if program == PYTHON:
        return platform.python_version()
    if program == REVERB:
        return reverb_server.__version__
    if program == GO:
        return _told([go_command(), "version"])
    command = COMMANDS[program]
    if shutil.which(command[0]) is None:
        raise Failed(f"{program} is not installed")
    if program == NGINX_NAME and stream_module() is None:
        raise Failed("nginx is without its module for TCP: install libnginx-mod-stream")
    return _told(command)


def _told(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    found = re.search(r"\d+\.\d+[\w.+-]*", done.stdout + done.stderr)
    if found is None:
        raise Failed(f"{command[0]} does not tell its version")
    return found[0]
