"""Draw ``reverb.svg``: the real client with its own server, after a short conversation.

Run it from anywhere; it takes three seconds: ``python docs/pictures/render.py``
"""

import asyncio
from pathlib import Path

from reverb_server import Settings
from reverb_tui.app import ReverbApp
from reverb_tui.connect import Embedded
from reverb_tui.options import Options
from reverb_tui.widgets.prompt import Prompt

PICTURE = Path(__file__).with_name("reverb.svg")


async def render() -> None:
    """Shout twice, wait for the echoes, draw."""
    app = ReverbApp(Embedded(Settings(delay=1)), Options())
    async with app.run_test(size=(80, 16)) as pilot:
        prompt = app.query_one(Prompt)
        prompt.cursor_blink = False
        for shout, seconds in (("Is there anybody there?", 0.5), ("Yooo-hooo!", 2.5)):
            prompt.value = shout
            await pilot.press("enter")
            await asyncio.sleep(seconds)
        await pilot.pause()
        PICTURE.write_text(app.export_screenshot() + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(render())
