"""The client as a visitor sees it: in a real browser, with its keys and its mouse."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenWindow
from tests.process.browser import Serving


def test_echoes_come_when_the_slider_is_dragged_to_no_delay(
    served: Serving, window: OpenWindow
) -> None:
    one = window()
    one.open(served.url)
    one.shout("Hello?")
    one.wait_for("\n Hello?\n     HELLO?", "60.00 s")
    one.drag("●", "├")
    one.wait_for("0.00 s", "\n Hello?\n     HELLO?\n     Hello?\n     hello?")


def test_the_page_s_query_is_no_setting(served: Serving, window: OpenWindow) -> None:
    one = window()
    one.open(f"{served.url}?delay=0.5&ping=1")
    assert one.page.url == served.url


def test_the_fonts_are_there_before_the_terminal_measures_them(
    served: Serving, window: OpenWindow
) -> None:
    one = window()
    one.open(served.url)
    assert one.fonts == ["loaded", "loaded"]


def test_f6_compares_both_modes(served: Serving, window: OpenWindow) -> None:
    one = window()
    one.open(served.url)
    one.page.keyboard.press("F6")
    one.wait_for("CONCURRENT", "SEQUENTIAL")


def test_a_client_ends_with_its_tab(served: Serving, window: OpenWindow) -> None:
    one, other = window(), window()
    one.open(served.url)
    other.open(served.url)
    served.wait_for_clients(2)
    one.page.close()
    served.wait_for_clients(1)
    other.shout("Hello?")
    other.wait_for("HELLO?")


def test_a_paste_too_large_for_a_message_is_refused_and_the_visit_goes_on(
    served: Serving, window: OpenWindow
) -> None:
    one = window()
    one.open(served.url)
    one.paste("Hello there!\n" * 80_000)
    assert one.notices == [
        "not pasted: 1,120,002 bytes are too many at once, paste at most 1,000,000"
    ]
    one.paste("Hello there!\n" * 70_000)
    one.wait_for("70,000 lines")
    one.page.keyboard.press("Escape")
    one.wait_without("70,000 lines")
    one.shout("Hello?")
    one.wait_for("HELLO?")


@pytest.mark.parametrize("encrypted", [True, False])
def test_a_selection_is_copied_for_the_clipboard(
    served: Serving, window: OpenWindow, *, encrypted: bool
) -> None:
    one = window()
    if not encrypted:  # what browsers leave out then, except for pages of their own machine
        one.page.add_init_script("delete Navigator.prototype.clipboard")
    one.open(served.url)
    one.shout("Hello?")
    one.wait_for("HELLO?")
    one.drag("HELLO?", "O?")
    one.page.keyboard.press("Control+c")
    one.wait_for("copied")
    one.page.keyboard.press("Control+v")
    one.wait_for("> HELLO")


def test_a_session_that_has_ended_begins_again_with_enter(
    served: Serving, window: OpenWindow
) -> None:
    one = window()
    one.open(served.url)
    one.page.keyboard.press("Control+q")
    again = one.page.get_by_role("button", name="Start again")
    expect(again).to_be_focused()
    served.wait_for_clients(0)
    one.page.keyboard.press("Enter")
    expect(again).to_be_hidden()
    one.wait_for("connected")
    one.shout("Hello?")
    one.wait_for("HELLO?")


def test_a_reload_and_the_way_back_begin_a_session(served: Serving, window: OpenWindow) -> None:
    one = window()
    one.open(served.url)
    (first,) = served.clients()
    one.page.reload()
    one.wait_for("connected")
    assert served.wait_for_clients(1) != [first]
    one.page.goto("about:blank")
    served.wait_for_clients(0)
    one.page.go_back()
    one.wait_for("connected")


def test_the_client_fits_into_a_window_of_any_size(served: Serving, window: OpenWindow) -> None:
    one = window()
    one.open(served.url)
    one.page.set_viewport_size({"width": 1, "height": 1})
    one.wait_without("connected")
    one.page.set_viewport_size({"width": 2000, "height": 1000})
    one.wait_for("connected")
    assert len(one.rows) > 40
    one.shout("Hello?")
    one.wait_for("\n Hello? ")  # on the timeline
