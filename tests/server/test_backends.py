"""Tests that say they run on trio really do: a second plugin would silently run them on asyncio."""

import asyncio

import pytest
import sniffio
import trio
from anyio import get_current_task
from anyio.lowlevel import current_token


def assert_running_on(name: str) -> None:
    assert sniffio.current_async_library() == name
    assert current_token().backend_class.__module__ == f"anyio._backends._{name}"
    if name == "trio":
        assert isinstance(trio.lowlevel.current_task(), trio.lowlevel.Task)
        with pytest.raises(RuntimeError):
            asyncio.get_running_loop()
    else:
        assert asyncio.get_running_loop().is_running()
        with pytest.raises(RuntimeError):
            trio.lowlevel.current_task()
    assert get_current_task().id


async def test_an_asynchronous_test_runs_on_the_backend_it_names(anyio_backend_name: str) -> None:
    assert_running_on(anyio_backend_name)
