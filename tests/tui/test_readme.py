"""What the README says of the configuration and of the source is how it is."""

import re
from pathlib import Path

from reverb_tui.app import ReverbApp
from reverb_tui.files.config import read_config
from reverb_tui.screens.main import MainScreen
from reverb_tui.themes import NAMES
from reverb_tui.widgets.keys import mappable
from reverb_tui.widgets.prompt import Prompt

README = Path(__file__).parents[2] / "README.md"


def test_the_configuration_in_the_readme_is_taken(tmp_path: Path) -> None:
    (text,) = re.findall("```toml\n(.*?)```", README.read_text(), re.DOTALL)
    file = tmp_path / "config.toml"
    file.write_text(text)
    config, problems = read_config(file, themes=NAMES, actions=mappable(MainScreen, ReverbApp))
    assert problems == []
    assert config.theme == "terminal"
    assert config.keys


def test_the_readme_names_every_action_that_can_have_other_keys() -> None:
    listed = README.read_text().split("The actions that can have other keys: ")[1].split(".\n")[0]
    actions = mappable(MainScreen, ReverbApp, Prompt)
    assert re.findall(r"`\"?([\w.]+)\"?`", listed) == list(actions)


def test_the_readme_names_every_folder_of_the_source() -> None:
    section = README.read_text().split("## Reading the source")[1].split("\n## ")[0]
    root = README.parent
    inits = [*root.glob("reverb_server/*/__init__.py"), *root.glob("reverb_tui/*/__init__.py")]
    folders = {str(init.parent.relative_to(root)) for init in inits}
    named = set(re.findall(r"`(\w+/\w+)`", section))
    assert named == folders
    assert all((root / file).exists() for file in re.findall(r"`([\w/]+\.py)`", section))
