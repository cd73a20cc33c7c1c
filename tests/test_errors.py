"""Every error that is raised on purpose has one base."""

import pkgutil
from importlib import import_module
from inspect import getmembers, isclass

import reverb_check
import reverb_server
import reverb_tui
from reverb_server import ReverbError

OURS = ("reverb_server", "reverb_tui", "reverb_check")


def test_every_error_of_ours_is_a_reverb_error() -> None:
    found: set[type[BaseException]] = set()
    for package in (reverb_server, reverb_tui, reverb_check):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                for _, kind in getmembers(import_module(module.name), isclass):
                    if issubclass(kind, BaseException) and kind.__module__.startswith(OURS):
                        found.add(kind)
    assert reverb_server.CannotListen in found
    assert [kind for kind in found if not issubclass(kind, ReverbError)] == []
