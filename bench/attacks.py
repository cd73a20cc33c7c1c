"""What each attack costs: the server's memory, and another client's echoes meanwhile.

``python -m bench.attacks [seconds for each] [everything]``; prints a table for the documentation.
Memory is the process's, in MB: before, at its highest, and two seconds after the attack. With
``everything`` the server has two workers, TLS, PROXY headers and an admin address that is asked;
clients come through HAProxy, and each attack is also made on the server itself.
"""

import multiprocessing
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.clients import ATTACKS, Address, Attack, Served, Wrong, good, serving
from bench.everything import serving_everything

DELAY = 0.5


def lateness(address: Address, seconds: float) -> str:
    """Be the other client; return its worst lateness in milliseconds, or what went wrong."""
    try:
        return f"{1000 * good(address, seconds, DELAY):.0f}"
    except (Wrong, OSError) as problem:
        return f"{type(problem).__name__}: {problem}"


@contextmanager
def attacked(
    way: str, *arguments: str, descriptors: int
) -> Iterator[tuple[Served, Address, Address]]:
    """Start a server; yield it, the good client's address, and the attacker's."""
    if way == "alone":
        with serving(*arguments, descriptors=descriptors) as served:
            yield served, served.address, served.address
    else:
        with serving_everything(*arguments) as all_of_it:
            attackers = all_of_it.front if way == "through HAProxy" else all_of_it.back
            yield all_of_it.served, all_of_it.front, attackers


def measure(way: str, attack: Attack | None, backend: str, seconds: float) -> list[str]:
    """Run one attack beside a good client; return a row of the table."""
    limited = 512 if attack is ATTACKS["crowds"] else 0
    options = ("--delay", str(DELAY), "--backend", backend)
    with attacked(way, *options, descriptors=limited) as (served, address, attackers):
        before = served.memory()
        with multiprocessing.Pool(1) as pool:
            told = pool.apply_async(lateness, (address, seconds + 1))
            time.sleep(0.5)
            attacker = multiprocessing.Process(target=attack or _nothing, args=(attackers, seconds))
            attacker.start()
            attacker.join(seconds + 10)
            attacker.kill()
            attacker.join()
            late = told.get(60)
        time.sleep(2)
        return [f"{before:.0f}", f"{served.memory(most=True):.0f}", f"{served.memory():.0f}", late]


def _nothing(_address: Address, seconds: float) -> None:
    time.sleep(seconds)


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    ways = ("through HAProxy", "directly") if "everything" in sys.argv[2:] else ("alone",)
    print("| a client that ... | way | backend | MB before | at most | after | other late, ms |")
    print("|---|---|---|---|---|---|---|")
    for name, attack in (("(nobody)", None), *ATTACKS.items()):
        for way in ways:
            for backend in ("asyncio", "trio"):
                row = [name, way, backend, *measure(way, attack, backend, seconds)]
                print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
