"""A picture is valid XML, and needs nothing from anywhere else."""

import io
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from reverb_tui.files.picture import self_contained


def drawn(text: str) -> str:
    console = Console(file=io.StringIO(), record=True, width=80)
    console.print(Text(text), soft_wrap=True)
    return self_contained(console.export_svg(title="<&>"))


@given(st.text(max_size=40))
def test_whatever_is_drawn_it_is_valid(text: str) -> None:
    ElementTree.fromstring(drawn(text).encode())


def test_what_no_xml_may_have_is_replaced() -> None:
    svg = drawn("a\x01b\ufffec\ud800d & <e>")
    assert "".join(ElementTree.fromstring(svg).itertext()).count("\ufffd") >= 2
    svg.encode()


def test_nothing_is_loaded() -> None:
    svg = drawn("Hello?")
    assert "url(http" not in svg
    assert "@font-face" not in svg
    assert "Hello?" in svg
