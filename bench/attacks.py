"""What each attack costs: the server's memory, and another client's echoes meanwhile.

``python -m bench.attacks [seconds for each]``; prints a table for the documentation. Memory is the
process's, in MB: before, at its highest, and two seconds after the attack.
"""

import multiprocessing
import sys
import time

from bench.clients import ATTACKS, Address, Attack, Wrong, good, serving

DELAY = 0.5


def lateness(address: Address, seconds: float) -> str:
    """Be the other client; return its worst lateness in milliseconds, or what went wrong."""
    try:
        return f"{1000 * good(address, seconds, DELAY):.0f}"
    except (Wrong, OSError) as problem:
        return f"{type(problem).__name__}: {problem}"


def measure(attack: Attack | None, backend: str, seconds: float) -> list[str]:
    """Run one attack beside a good client; return a row of the table."""
    limited = 512 if attack is ATTACKS["crowds"] else 0
    with serving("--delay", str(DELAY), "--backend", backend, descriptors=limited) as served:
        before = served.memory()
        with multiprocessing.Pool(1) as pool:
            told = pool.apply_async(lateness, (served.address, seconds + 1))
            time.sleep(0.5)
            attacker = multiprocessing.Process(
                target=attack or _nothing, args=(served.address, seconds)
            )
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
    print("| a client that ... | backend | MB before | at most | after | other client late, ms |")
    print("|---|---|---|---|---|---|")
    for name, attack in (("(nobody)", None), *ATTACKS.items()):
        for backend in ("asyncio", "trio"):
            row = [name, backend, *measure(attack, backend, seconds)]
            print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
