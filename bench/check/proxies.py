"""The proxies: their configurations, with their defaults and with half-close right."""

from collections.abc import Callable
from pathlib import Path

Configuration = Callable[[Path, int, int], list[str]]
"""Write the files of a proxy to a folder, from one port to another; return its command."""

HAPROXY_FILE = """\
global
    maxconn 2000
defaults
    mode tcp
    timeout connect 5s
{settings}
listen reverb
    bind 127.0.0.1:{port}
    server one 127.0.0.1:{behind}
"""

NGINX_FILE = """\
load_module {module};
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 2000; }}
stream {{
    server {{
        listen 127.0.0.1:{port} backlog=511;
        proxy_pass 127.0.0.1:{behind};
{settings}
    }}
}}
"""

STREAM_MODULES = (
    Path("/usr/lib/nginx/modules/ngx_stream_module.so"),
    Path("/usr/lib64/nginx/modules/ngx_stream_module.so"),
)
"""Where the module is in the packages of distributions."""


def stream_module() -> Path | None:
    """Return where nginx's module for TCP is; None if it is not installed."""
    return next((each for each in STREAM_MODULES if each.exists()), None)


def _haproxy(*settings: str) -> Configuration:
    def configuration(folder: Path, port: int, behind: int) -> list[str]:
        text = HAPROXY_FILE.format(port=port, behind=behind, settings=_lines(4, settings))
        file = folder / "haproxy.cfg"
        file.write_text(text)
        return ["haproxy", "-db", "-f", str(file)]

    return configuration


def _nginx(*settings: str) -> Configuration:
    def configuration(folder: Path, port: int, behind: int) -> list[str]:
        text = NGINX_FILE.format(
            module=stream_module(),
            folder=folder,
            port=port,
            behind=behind,
            settings=_lines(8, settings),
        )
        file = folder / "nginx.conf"
        file.write_text(text)
        return ["nginx", "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(file)]

    return configuration


def _lines(indent: int, settings: tuple[str, ...]) -> str:
    return "\n".join(" " * indent + each for each in settings)


HAPROXY = _haproxy("timeout client 50s", "timeout server 50s")
"""In mode tcp, with the timeouts of Debian's package."""

HAPROXY_LONG = _haproxy(
    "no option abortonclose",
    "timeout client 50s",
    "timeout server 50s",
    "timeout tunnel 1h",
    "timeout client-fin 1h",
    "timeout server-fin 1h",
)
"""Half-closed connections wait for an hour, whatever the delay is."""

HAPROXY_SHORT = _haproxy("timeout client 50s", "timeout server 50s", "timeout server-fin 50ms")
"""Half-closed connections wait for less than a delay."""

NGINX = _nginx()
NGINX_HALF_CLOSE = _nginx("proxy_half_close on;")
