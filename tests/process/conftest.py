from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.process.tmux import Terminal, in_tmux


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the processes a place of their own for what they keep between runs."""
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    return tmp_path


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    with in_tmux() as terminal:
        yield terminal
