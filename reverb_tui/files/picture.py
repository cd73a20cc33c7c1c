"""Pictures of the screen: SVG that is valid and complete, whatever is on the screen."""

import re
from typing import Final

FONTS: Final = (
    "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', 'Noto Sans Mono', "
    "monospace"
)
"""Fonts that a reader has: a picture loads nothing."""

_NOT_XML: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML may have, even escaped."""


def self_contained(drawn: str) -> str:
    """Return an SVG as Textual draws it without its fonts from the network."""
    drawn = re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL)
    drawn = drawn.replace("<!-- Generated with Rich https://www.textualize.io -->\n", "")
    drawn = re.sub(r"font-family: (Fira Code, monospace|arial)", f"font-family: {FONTS}", drawn)
    drawn = re.sub(r"[ \t]+$", "", drawn, flags=re.MULTILINE).rstrip("\n") + "\n"
    return _NOT_XML.sub("\ufffd", drawn)
