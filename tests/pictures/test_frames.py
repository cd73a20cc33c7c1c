"""How often the timeline is drawn, in virtual time."""

import asyncio
from unittest.mock import patch

from reverb_tui.widgets.timeline import Timeline
from tests.pictures.studio import in_virtual_time, staged


def test_the_timeline_has_at_most_thirty_frames_a_second_and_none_at_rest() -> None:
    async def frames() -> list[int]:
        counts = []
        draw = Timeline.draw
        drawn = 0

        def counted(timeline: Timeline) -> None:
            nonlocal drawn
            drawn += 1
            draw(timeline)

        with patch.object(Timeline, "draw", counted):
            async with staged((120, 40), delay=1) as stage:
                for number in range(20):
                    await stage.shout(f"shout {number}", 0.005)
                for seconds in (1, 2, 2):  # in flight; until nothing is; and then
                    before = drawn
                    await asyncio.sleep(seconds)
                    counts.append(drawn - before)
        return counts

    in_flight, _, at_rest = in_virtual_time(frames)
    assert 10 <= in_flight <= 30 + 1
    assert at_rest == 0
