"""The comparison: the same shouts in both modes, at the same time."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from reverb_server import Settings
from reverb_tui.app import ReverbApp
from reverb_tui.connection.targets import Embedded
from reverb_tui.entry import Kind
from reverb_tui.options import Options
from reverb_tui.screens.compare import ABOUT, BOTH, HELD, NO_MODES, CompareScreen
from reverb_tui.screens.confirm import Confirm
from reverb_tui.screens.conversation_half import ConversationHalf
from reverb_tui.screens.help import Help
from reverb_tui.session.observer import State
from reverb_tui.widgets.timeline.scene import EMPTY_HINT
from tests.client.servers import Draining, echo_like_go, reverb, serving
from tests.tui.screen import SLOW, Screen, running

QUICK = Embedded(Settings(delay=0.1))


def comparison(screen: Screen) -> CompareScreen:
    above = screen.app.screen
    assert isinstance(above, CompareScreen)
    return above


async def compared(screen: Screen, key: str = "f6") -> CompareScreen:
    """Begin to compare; return once both are connected."""
    if key:
        await screen.press(key)
    await screen.until(lambda: screen.shows(CompareScreen))
    compare = comparison(screen)
    await screen.until(lambda: all(half.session.open for half in compare.halves))
    await screen.until(lambda: all(info(half) == half.mode for half in compare.halves))
    await screen.until(lambda: compare.prompt.has_focus)
    return compare


def info(half: ConversationHalf) -> str | None:
    return half.session.client.info.mode if half.session.client else None


def texts(half: ConversationHalf) -> list[str]:
    return [entry[1] for entry in half.lines.entries() if entry[0] != Kind.NOTICE]


async def enter(screen: Screen, text: str) -> None:
    comparison(screen).prompt.value = text
    await screen.press("enter")


async def shout_both(screen: Screen, text: str) -> None:
    await enter(screen, text)
    await screen.until(lambda: all(text in texts(half) for half in comparison(screen).halves))


@pytest.mark.parametrize("network", [False, True])
async def test_both_halves_get_the_same_shouts_each_in_its_mode(network: bool) -> None:
    async with reverb(delay=0.1) as server, running(server if network else QUICK) as screen:
        await screen.connected()
        compare = await compared(screen)
        concurrent, sequential = compare.halves
        compare.prompt.shout(["one", "two"])
        orders = (
            ["ONE", "TWO", "one", "two", "one", "two"],
            ["ONE", "one", "one", "TWO", "two", "two"],
        )
        for half, order in zip((concurrent, sequential), orders, strict=True):
            await screen.until(lambda half=half: len(texts(half)) == 8)  # type: ignore[misc]
            assert texts(half) == ["one", "two", *order]
        assert screen.app.main.session.state == State.CONNECTED
        await screen.press("escape")
        await screen.until(lambda: not screen.shows(CompareScreen))
        assert (Kind.SHOUT, "one") not in screen.lines
        await screen.shout("still here")
        await screen.until(lambda: (Kind.LOUD, "STILL HERE") in screen.lines)


async def test_both_pictures_are_on_one_axis_and_stay_until_both_rest() -> None:
    slow = Embedded(Settings(delay=30))
    async with running(slow, size=(120, 36)) as screen:
        await screen.connected()
        compare = await compared(screen)
        for text in ("one", "two"):
            await shout_both(screen, text)
        await screen.until(lambda: screen.text.count("░ waits ░") == 1)
        await screen.until(lambda: "in the air 2 · waiting 0" in screen.text)
        await screen.until(lambda: "in the air 1 · waiting 1" in screen.text)

        def are_on_one_axis() -> bool:
            rows = [row for row in screen.rows if row.startswith("one  ") and "█" in row]
            columns = [[row.find(mark) for row in rows] for mark in "█□"]
            # Each half hears of its shout at an instant of its own: a cell's edge may part them.
            return len(rows) == 2 and all(one > 0 and abs(one - two) <= 1 for one, two in columns)

        await screen.until(are_on_one_axis)
        assert sum(" 0 s " in row or " NOW " in row for row in screen.rows) == 1
        assert compare.halves[0].timeline.size.width == compare.halves[1].timeline.size.width


async def test_one_slider_moves_both() -> None:
    async with running(SLOW) as screen:
        await screen.connected()
        compare = await compared(screen)
        before = compare.slider.value
        await screen.press("alt+left")
        await screen.until(
            lambda: all(
                half.session.client is not None
                and half.session.client.info.delay == compare.slider.value < before
                for half in compare.halves
            )
        )
        await enter(screen, "/delay 0.5")
        await screen.until(lambda: compare.slider.value == 0.5)
        assert BOTH in screen.text


async def test_there_is_a_log_for_each_where_there_is_room() -> None:
    async with running(SLOW, size=(120, 36)) as screen:
        await screen.connected()
        compare = await compared(screen)
        for size, logs in (((120, 36), 2), ((99, 36), 1), ((120, 23), 0), ((100, 24), 2)):
            await screen.pilot.resize_terminal(*size)
            await screen.until(
                lambda logs=logs: (  # type: ignore[misc]
                    sum(half.lines.size.height > 0 and half.lines.is_on_screen
                        for half in compare.halves) == logs
                )
            )  # fmt: skip
        assert screen.text.count(EMPTY_HINT) == 2
        await screen.until(
            lambda: any(row.split() == ["concurrent", "sequential"] for row in screen.rows)
        )


async def test_a_server_without_control_lines_is_said_to_be_none_for_it() -> None:
    async with serving(echo_like_go) as target, running(target) as screen:
        await screen.connected()
        await screen.press("f6")
        await screen.until(lambda: screen.shows(CompareScreen))
        await screen.until(lambda: NO_MODES[:30] in screen.text)
        assert comparison(screen).slider.disabled
        await enter(screen, "/compare")
        await screen.until(lambda: not screen.shows(CompareScreen))


async def test_it_can_begin_with_the_comparison_and_quit_from_there() -> None:
    app = ReverbApp(SLOW, Options(compare=True))
    async with app.run_test(size=(100, 30)) as pilot:
        screen = Screen(app, pilot)
        await compared(screen, "")
        await shout_both(screen, "one")
        await screen.press("ctrl+q")
        await screen.until(lambda: screen.app.return_code == 0)


async def test_a_picture_of_both_halves_is_saved_and_asked_before_it_is_written_over(
    tmp_path: Path,
) -> None:
    file = tmp_path / "both.svg"
    async with running(QUICK, size=(120, 36)) as screen:
        await screen.connected()
        compare = await compared(screen)
        await shout_both(screen, "Hello?")
        await enter(screen, f"/picture {file}")
        await screen.until(lambda: "saved a picture of the screen" in screen.text)
        picture = "".join(ElementTree.fromstring(file.read_text()).itertext())
        for seen in ("CONCURRENT", "SEQUENTIAL", "Hello?"):
            assert seen in picture
        assert "/picture" not in picture
        await enter(screen, f"/picture {file}")
        await screen.until(lambda: screen.shows(Confirm))
        await screen.press("escape")
        await screen.until(lambda: screen.app.screen is compare)
        await enter(screen, "/cast")
        await screen.until(lambda: "nothing is being recorded" in screen.text)
        await screen.press("f6")
        await screen.until(lambda: not screen.shows(CompareScreen))
        await screen.shout("/cast")
        await screen.until(lambda: "nothing is being recorded" in screen.text)


async def test_the_help_lies_over_the_comparison_and_has_its_keys_and_commands() -> None:
    async with running(SLOW, size=(100, 60)) as screen:
        await screen.connected()
        compare = await compared(screen)
        await screen.press("f4")  # the details are of the one conversation
        for way in ("f1", "/help"):
            if way == "f1":
                await screen.press(way)
            else:
                await enter(screen, way)
            await screen.until(lambda: screen.shows(Help))
            await screen.until(lambda: ABOUT[:40] in screen.text)
            assert "end the comparison" in screen.text
            assert "/compare" in screen.text
            for absent in ("/save", "connection details", "search the log"):
                assert absent not in screen.text
            await screen.press("f4", "f6")
            assert screen.shows(Help)
            await screen.pilot.resize_terminal(99, 60)
            await screen.until(lambda: not compare.columns[1].display)
            await screen.press("escape")
            await screen.until(lambda: screen.app.screen is compare)
            await screen.pilot.resize_terminal(100, 60)
        await shout_both(screen, "still here")


async def test_nothing_shines_through_in_the_terminals_own_colours() -> None:
    async with running(SLOW, size=(120, 36)) as screen:
        await screen.connected()
        screen.app.theme = "terminal"
        for _ in range(36):
            screen.app.main.session.say("x" * 110)
        await screen.until(lambda: "xxx" in screen.text)
        await compared(screen)
        await screen.until(lambda: EMPTY_HINT in screen.text)
        assert "xxx" not in screen.app.export_screenshot()


async def test_enter_shouts_wherever_the_focus_is() -> None:
    async with running(SLOW, size=(100, 30)) as screen:
        await screen.connected()
        compare = await compared(screen)
        compare.prompt.value = "one"
        compare.slider.focus()
        await screen.until(lambda: compare.slider.has_focus)
        await screen.press("enter")
        await screen.until(lambda: all("one" in texts(half) for half in compare.halves))
        assert compare.prompt.value == ""


async def test_what_is_shouted_while_the_server_drains_comes_back_in_both_halves() -> None:
    server = Draining(delay=0)
    async with serving(server) as target, running(target) as screen:
        await screen.connected()
        compare = await compared(screen)
        server.drain()
        await screen.until(lambda: HELD in screen.text)
        await screen.until(lambda: all(half.session.held.holds for half in compare.halves))
        assert compare.slider.disabled
        await enter(screen, "Two")
        server.succeed()
        for half in compare.halves:
            await screen.until(lambda half=half: "two" in texts(half))  # type: ignore[misc]
            assert texts(half) == ["Two", "TWO", "Two", "two"]
        await screen.until(lambda: BOTH in screen.text)
