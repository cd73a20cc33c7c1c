"""The admin address of a server: its health, its figures and its connections over HTTP.

Needs the extra ``admin``. As a library::

    async with running_admin("localhost:9100") as admin, running(settings) as server:
        admin.show(server)

Nothing of it is imported by the server itself. Raises NoAdmin if the extra is not installed.
"""

from importlib.util import find_spec

from reverb_server.errors import ReverbError


class NoAdmin(ReverbError, ImportError):
    """The extra ``admin`` is not installed."""


for _name in ("h11", "prometheus_client"):
    if not find_spec(_name):
        raise NoAdmin(f"{_name} is not installed: pip install 'reverb-echo[admin]'")

from reverb_server.admin.running import Admin, running_admin  # noqa: E402  # what it needs is there

__all__ = ["Admin", "NoAdmin", "running_admin"]
