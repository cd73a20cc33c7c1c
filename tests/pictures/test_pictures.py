"""The client looks as it does in its pictures; `just screenshots` draws them anew."""

import re
from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest

from tests.pictures.scenes import FILES
from tests.pictures.studio import in_virtual_time

Scene = Callable[[], Coroutine[None, None, str]]


@pytest.mark.parametrize(("file", "scene"), FILES.items(), ids=[file.name for file in FILES])
def test_the_client_looks_as_in_its_picture(file: Path, scene: Scene) -> None:
    assert in_virtual_time(scene) == file.read_text(encoding="utf-8")


def words(file: str) -> str:
    return "".join(re.findall(r"<text[^>]*>([^<]*)", picture(file))).replace("&#160;", " ")


def picture(file: str) -> str:
    return next(path for path in FILES if path.name == file).read_text(encoding="utf-8")


def test_the_main_picture_shows_the_transcript_of_the_concurrent_mode() -> None:
    lines = [
        "Is there anybody there?",
        "IS THERE ANYBODY THERE?",
        "Yooo-hooo!",
        "Is there anybody there?",
        "YOOO-HOOO!",
        "is there anybody there?",
        "Yooo-hooo!",
        "yooo-hooo!",
    ]
    shown = words("reverb.svg")
    assert re.search(r"\s*".join(map(re.escape, lines)), shown)


def test_no_picture_loads_anything() -> None:
    for file in FILES:
        links = re.findall(r"https?://[^\"\s]*", file.read_text(encoding="utf-8"))
        assert set(links) <= {"http://www.w3.org/2000/svg"}
