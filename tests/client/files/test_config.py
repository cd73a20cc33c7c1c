import os
from pathlib import Path

import pytest

from reverb_tui.files.config import BadConfig, Config, config_file, read_config
from reverb_tui.files.state import state_directory

ACTIONS = {"mode": "ctrl+t", "help": "f1", "prompt.older": "up"}


def read(tmp_path: Path, text: str | bytes) -> tuple[Config, list[str]]:
    file = tmp_path / "config.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_config(file, themes=["terminal", "nord"], actions=ACTIONS)


def test_a_byte_order_mark_is_none_of_the_text(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbftheme = 'nord'\r\n") == (Config(theme="nord"), [])


@pytest.mark.parametrize(
    "text",
    [
        ".".join("a" * 1_101) + " = 1",
        f"[{'.'.join('a' * 1_101)}]",
        "theme = " + "9" * 4_301,
        "theme = 0x" + "f" * 100_000,
        "theme = -0o" + "7" * 100_000,
        "[keys]\nmode = 0b" + "1" * 100_000,
        "keys = 0x" + "f" * 100_000,
        "9" * 100_000 + " = 0x" + "f" * 100_000,
        "timeline = nan",
        "history = 1979-05-27T07:32:00.999999-23:59",
        "theme = {a = [{b = [[]]}]}",
        "theme = " + "[" * 400 + "]" * 400,
        "theme = '" + "x" * 1_000_000 + "'",
        "[keys]\nmode = '" + "a," * 500_000 + "'",
        "[keys]\nmode = [" + "'f5'," * 150_000 + "]",
        "\n".join(f"key{number} = 1" for number in range(60_000)),
        "[keys]\n" + "\n".join(f"key{number} = 1" for number in range(60_000)),
        b"theme = 'a'".decode().encode("utf-16"),
        b"\x00" * 1000,
    ],
    ids=lambda text: ascii(text[:24]),
)
def test_whatever_is_in_it_is_told_in_a_few_short_sentences(
    tmp_path: Path, text: str | bytes
) -> None:
    try:
        config, sentences = read(tmp_path, text)
    except BadConfig as problem:
        config, sentences = Config(), [str(problem)]
    assert config == Config()
    assert 1 <= len(sentences) <= 21
    for sentence in sentences:
        assert sentence.startswith(str(tmp_path))
        assert len(sentence) < len(str(tmp_path)) + 400
        assert "\n" not in sentence


def test_without_a_file_everything_is_as_it_is_by_itself(tmp_path: Path) -> None:
    assert read_config(tmp_path / "none", themes=[], actions={}) == (Config(), [])
    assert read(tmp_path, "") == (Config(), [])


def test_the_file_says_what_it_says_and_is_silent_otherwise(tmp_path: Path) -> None:
    text = """
    theme = "nord"
    timeline = false
    reconnect = false
    [keys]
    mode = "f2, ctrl+g"
    "prompt.older" = ["ctrl+p", "f7"]
    """
    config = Config(
        theme="nord",
        timeline=False,
        reconnect=False,
        keys={"mode": "f2,ctrl+g", "prompt.older": "ctrl+p,f7"},
    )
    assert read(tmp_path, text) == (config, [])


def test_two_actions_can_change_their_keys(tmp_path: Path) -> None:
    config, problems = read(tmp_path, "[keys]\nmode = 'f1'\nhelp = 'ctrl+t'")
    assert config.keys == {"mode": "f1", "help": "ctrl+t"}
    assert problems == []


def test_what_is_good_holds_beside_what_is_not_and_everything_that_is_not_is_told(
    tmp_path: Path,
) -> None:
    text = "theme = 'nope'\ntimeline = false\n[keys]\nmode = 'f5'\nhelp = 'a'\nmoed = 'f6'"
    config, problems = read(tmp_path, text)
    assert config == Config(timeline=False, keys={"mode": "f5"})
    assert [problem.split(": ")[1].split(" ignored")[0] for problem in problems] == [
        'setting theme = "nope"',
        'setting keys.help = "a"',
        'unknown setting "keys.moed"',
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'theme = "nrod"',
            'theme = "nrod" ignored: there is no such theme, did you mean nord? /theme shows',
        ),
        ("theme = 1", "setting theme = 1 ignored: there is no such theme, /theme shows all"),
        ('timestamps = "utc"', 'timestamps = "utc" ignored: choose one of none, clock, since'),
        ("timeline = 1", "timeline = 1 ignored: give true or false"),
        ('tiemline = "x"', 'unknown setting "tiemline" ignored; did you mean "timeline"?'),
        ("zzz = true", 'unknown setting "zzz" ignored; settings: theme, timestamps'),
        ("keys = 1", "keys = 1 ignored: give a table, [keys]"),
        ("[keys]\nmoed = 'f2'", 'unknown setting "keys.moed" ignored; did you mean "mode"?'),
        ("[keys]\nmode = 2", "keys.mode = 2 ignored: give keys"),
        ("[keys]\nmode = 'ctlr+g'", 'keys.mode = "ctlr+g" ignored: give keys'),
        ("[keys]\nmode = ''", 'keys.mode = "" ignored: give keys'),
        (
            "[keys]\nmode = 'f2'\n'prompt.older' = 'f2'",
            'keys.prompt.older = "f2" ignored: f2 is the key of mode already',
        ),
        ("[keys]\nmode = 'f1'", "f1 is the key of help already"),
        ("[keys]\nmode = 'a'", "a is needed to type"),
        ("[keys]\nmode = 'shift+enter'", "shift+enter is needed to type"),
        ("[keys]\nmode = ['f5', 1]", "give keys"),
        ('[keys]\nmode = "\\u001b"', "give keys"),
        ('[keys]\nmode = "ctrl+\\u009b"', "give keys"),
    ],
)
def test_what_cannot_be_is_left_out_and_told_in_one_sentence(
    tmp_path: Path, text: str, said: str
) -> None:
    config, (sentence,) = read(tmp_path, text)
    assert config in (Config(), Config(keys={"mode": "f2"}))
    assert sentence.startswith(str(tmp_path / "config.toml"))
    assert said in sentence
    assert " ignored" in sentence
    assert sentence.isprintable()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("theme = ", " is no TOML, the defaults are used: "),
        (b"theme = '\xff'", " is not UTF-8"),
        ("x=" + "[" * 5000, " is no TOML"),
        ("#" * 2_000_000, " is too large"),
    ],
)
def test_a_bad_file_is_told_in_one_sentence(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(BadConfig) as caught:
        read(tmp_path, text)
    sentence = str(caught.value)
    assert sentence.startswith(str(tmp_path / "config.toml"))
    assert said in sentence
    assert "the defaults are used" in sentence
    assert "\n" not in sentence


def test_a_directory_or_a_pipe_is_no_config(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for file in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(BadConfig, match="is no regular file"):
            read_config(file, themes=[], actions={})


@pytest.mark.skipif(os.name == "nt", reason="XDG is not known there")
def test_the_files_are_where_xdg_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert config_file() == tmp_path / "config" / "reverb-echo" / "config.toml"
    assert state_directory() == tmp_path / "state" / "reverb-echo"
