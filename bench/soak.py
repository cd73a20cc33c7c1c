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
TLS_MEMORY = 0.1
"""MB of a connection with TLS, which the allocator keeps once there were as many."""
DESCRIPTORS_MARGIN = 4
GOOD_CLIENTS = 4
RUDE_AT_ONCE = 2
REST = 6.0
"""Seconds without anybody rude before each look: what is looked for is what stays."""
SETTLES = 60.0
"""Seconds that connections may take to end beyond that: a flood of handshakes is a long queue."""


class Soak:
    """The state of the soak, and what has been seen."""

    def __init__(self, address: Address, rude_address: Address) -> None:
        self.address = address
        self.rude_addresses = (address, rude_address)
        self.wrong: list[str] = []
        self.worst = 0.0
        self.sessions = self.attacks = 0
        self.most_descriptors = 0
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


def watch(served: Served, soak: Soak) -> None:
    """Keep the most descriptors that there were."""
    while not soak.over:
        soak.most_descriptors = max(soak.most_descriptors, served.descriptors())
        time.sleep(0.5)


def settle(served: Served, first: int) -> None:
    """Wait until about as many descriptors are open as at first."""
    deadline = time.monotonic() + SETTLES
    while served.descriptors() > first + GOOD_CLIENTS and time.monotonic() < deadline:
        time.sleep(0.5)


def look(served: Served, soak: Soak, minute: int) -> tuple[float, int]:
    """Print how it is, once the rude ones have rested."""
    seen = served.memory(), served.descriptors()
    print(
        f"minute {minute}: {seen[0]:.1f} MB, {seen[1]} descriptors; so far {soak.sessions} good "
        f"sessions (worst lateness {1000 * soak.worst:.0f} ms), {soak.attacks} attacks, "
        f"{len(soak.wrong)} wrong; at most {soak.most_descriptors} descriptors",
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
    everything = "everything" in sys.argv[3:]
    with soaked(*options, everything=everything) as (served, soak):
        threads = [threading.Thread(target=soak.be_good) for _ in range(GOOD_CLIENTS)]
        threads += [threading.Thread(target=soak.be_rude) for _ in range(RUDE_AT_ONCE)]
        threads.append(threading.Thread(target=watch, args=(served, soak)))
        at_first = served.descriptors()
        for thread in threads:
            thread.start()
        begin, looks = time.monotonic(), []
        for minute in range(1, minutes + 1):
            time.sleep(max(0.0, begin + 60 * minute - REST - time.monotonic()))
            soak.quiet.set()
            time.sleep(REST)
            settle(served, at_first)
            looks.append(look(served, soak, minute))
            soak.quiet.clear()
        soak.over = True
        for thread in threads:
            thread.join()
    first, last = looks[0], looks[-1]
    if soak.wrong:
        sys.exit(f"good clients were wronged: {soak.wrong[:5]}")
    margin = MEMORY_MARGIN + (TLS_MEMORY * soak.most_descriptors if everything else 0)
    if last[0] > first[0] + margin or last[1] > first[1] + DESCRIPTORS_MARGIN:
        sys.exit(f"it crept up: {first} after a minute, {last} at the end")
    print("memory and descriptors are where they were, and every echo came")


if __name__ == "__main__":
    main()
