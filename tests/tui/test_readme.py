"""What the README shows for the configuration file is what the client takes."""

import re
from pathlib import Path

from reverb_tui.app import ReverbApp
from reverb_tui.config import read_config
from reverb_tui.themes import NAMES
from reverb_tui.widgets.keys import mappable

README = Path(__file__).parents[2] / "README.md"


def test_the_configuration_in_the_readme_is_taken(tmp_path: Path) -> None:
    (text,) = re.findall("```toml\n(.*?)```", README.read_text(), re.DOTALL)
    file = tmp_path / "config.toml"
    file.write_text(text)
    config = read_config(file, themes=NAMES, actions=mappable(ReverbApp))
    assert config.theme == "terminal"
    assert config.keys
