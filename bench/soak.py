"""A soak: good and rude clients for a long time; memory and descriptors must not creep up.

``python -m bench.soak [minutes] [backend] [everything]``; prints a line a minute. Fails if at the
end the server has much more than after the first minute, or if a good client missed one echo. With
``everything`` the server has two workers, TLS, PROXY headers and an admin address that is asked;
clients come through HAProxy, half of the rude ones to the server itself.
"""

import random
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from bench.clients import ATTACKS, Address, Served, Wrong, good, serving
from bench.everything import serving_everything

DELAY = 0.5
MEMORY_MARGIN = 10.0
"""MB by which memory may be higher at the end."""
DESCRIPTORS_MARGIN = 4
GOOD_CLIENTS = 4
RUDE_AT_ONCE = 2
REST = 6.0
"""Seconds without anybody rude before each look: what is looked for is what stays."""


class Soak:
    """The state of the soak, and what has been seen."""

    def __init__(self, address: Address, rude_address: Address) -> None:
        self.address = address
        self.rude_addresses = (address, rude_address)
        self.wrong: list[str] = []
        self.worst = 0.0
        self.sessions = self.attacks = 0
        self.over = False
        self.quiet = threading.Event()

    def be_good(self) -> None:
        """Shout in sessions of a few seconds."""
        while not self.over:
            try:
                self.worst = max(self.worst, good(self.address, random.uniform(1, 8), DELAY))
                self.sessions += 1
            except (Wrong, OSError) as problem:
                self.wrong.append(f"{type(problem).__name__}: {problem}")

    def be_rude(self) -> None:
        """Attack for a few seconds in one way after another."""
        while not self.over:
            if self.quiet.is_set():
                time.sleep(0.1)
                continue
            attack = random.choice([each for each in ATTACKS.values() if each.__name__ != "crowds"])
            with suppress(OSError):
                attack(random.choice(self.rude_addresses), random.uniform(0.5, 3))
            self.attacks += 1


def look(served: Served, soak: Soak, minute: int) -> tuple[float, int]:
    """Print how it is, once the rude ones have rested."""
    seen = served.memory(), served.descriptors()
    print(
        f"minute {minute}: {seen[0]:.1f} MB, {seen[1]} descriptors; so far {soak.sessions} good "
        f"sessions (worst lateness {1000 * soak.worst:.0f} ms), {soak.attacks} attacks, "
        f"{len(soak.wrong)} wrong",
        flush=True,
    )
    return seen


@contextmanager
def soaked(*arguments: str, everything: bool) -> Iterator[tuple[Served, Soak]]:
    """Start the server; yield it and the soak."""
    if everything:
        with serving_everything(*arguments) as all_of_it:
            yield all_of_it.served, Soak(all_of_it.front, all_of_it.back)
    else:
        with serving(*arguments) as served:
            yield served, Soak(served.address, served.address)


def main() -> None:
    """Run it; the exit status is 1 if something crept up or was lost."""
    minutes = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    backend = sys.argv[2] if len(sys.argv) > 2 else "asyncio"
    options = ("--delay", str(DELAY), "--backend", backend)
    with soaked(*options, everything="everything" in sys.argv[3:]) as (served, soak):
        threads = [threading.Thread(target=soak.be_good) for _ in range(GOOD_CLIENTS)]
        threads += [threading.Thread(target=soak.be_rude) for _ in range(RUDE_AT_ONCE)]
        for thread in threads:
            thread.start()
        begin, looks = time.monotonic(), []
        for minute in range(1, minutes + 1):
            time.sleep(max(0.0, begin + 60 * minute - REST - time.monotonic()))
            soak.quiet.set()
            time.sleep(REST)
            looks.append(look(served, soak, minute))
            soak.quiet.clear()
        soak.over = True
        for thread in threads:
            thread.join()
    first, last = looks[0], looks[-1]
    if soak.wrong:
        sys.exit(f"good clients were wronged: {soak.wrong[:5]}")
    if last[0] > first[0] + MEMORY_MARGIN or last[1] > first[1] + DESCRIPTORS_MARGIN:
        sys.exit(f"it crept up: {first} after a minute, {last} at the end")
    print("memory and descriptors are where they were, and every echo came")


if __name__ == "__main__":
    main()
