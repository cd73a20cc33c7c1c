"""Check all peers, and write the tables of ``docs/check.md``: ``python -m bench.check.run``.

With words, only the peers that have one of them in their names are checked, and what was found
about the others is kept. A peer whose programs are not installed is left out with a sentence.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bench.check import found as results
from bench.check.found import Found
from bench.check.peers import GROUPS, PEERS, Peer, Place
from bench.check.table import put_into
from bench.check.versions import version
from bench.programs import HERE, Failed, compile_go
from bench.servers import free_port, wait_until_listening
from reverb_server.testing.certificate import NoTrustme

PAGE: Final = HERE.parent / "docs" / "check.md"

GIVE_UP_AFTER: Final = 900.0
"""Seconds for the check of one peer."""


def check(peer: Peer, folder: Path, book: Path) -> Found:
    """Check a peer. Raises Failed with a sentence if it can't be started here."""
    versions = {program: version(program) for program in peer.programs}
    place = Place(folder, book, free_port(), free_port())
    try:
        command = peer.command(place)
    except NoTrustme as problem:
        raise Failed(str(problem)) from problem
    options = peer.options(place)
    if "--unix" not in options:
        options = [*options, "--port", str(place.port)]
    checker = [sys.executable, "-m", "reverb_check", "--json", *options, "--", *command]
    with _serving(peer.backend(place) if peer.backend else (), place.behind):
        begin = time.monotonic()
        done = subprocess.run(checker, capture_output=True, text=True, timeout=GIVE_UP_AFTER)
        seconds = time.monotonic() - begin
    report: dict[str, Any] = json.loads(done.stdout or '{"server": "", "promises": []}')
    return Found(
        group=peer.group,
        versions=versions,
        day=datetime.now(UTC).date().isoformat(),
        seconds=round(seconds, 1),
        status=done.returncode,
        said=_without_place(done.stderr.strip(), place),
        server=report["server"],
        verdicts={each["id"]: (each["verdict"], each["told"]) for each in report["promises"]},
    )


def _without_place(text: str, place: Place) -> str:
    """Return what was said without the port and the folder of this run."""
    return text.replace(f":{place.port}", ":PORT").replace(str(place.folder), "FOLDER")


@contextmanager
def _serving(command: Sequence[str], port: int) -> Iterator[None]:
    """Run the server behind a proxy, if there is one."""
    if not command:
        yield
        return
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        wait_until_listening(port, process)
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def main() -> None:
    words = sys.argv[1:] or [""]
    wanted = [peer.name for peer in PEERS if any(word in peer.name for word in words)]
    if not wanted:
        sys.exit(f"no peer is called {' or '.join(words)}: see bench/check/peers.py")
    found = results.read()
    with tempfile.TemporaryDirectory() as temporary:
        book = Path(temporary) / "book"
        with suppress(Failed):  # the peers that need it say so
            compile_go(book, "peers/book")
        for number, peer in enumerate(PEERS):
            if peer.name not in wanted:
                continue
            folder = Path(temporary) / str(number)
            folder.mkdir()
            try:
                found[peer.name] = check(peer, folder, book)
            except Failed as reason:
                print(f"{peer.name} is left out: {reason}", flush=True)
                continue
            _tell(peer.name, found[peer.name])
            names = [each.name for each in PEERS]
            found = {name: found[name] for name in names if name in found}
            results.write(found)
            page = PAGE.read_text(encoding="utf-8")
            PAGE.write_text(put_into(page, found, GROUPS), encoding="utf-8")


def _tell(name: str, found: Found) -> None:
    verdicts = [verdict for verdict, _ in found.verdicts.values()]
    counts = ", ".join(
        f"{verdicts.count(each)} {each}" for each in ("kept", "broken", "uncertain", "not-asked")
    )
    print(f"{name}: {counts}, status {found.status}, {found.seconds:.0f} s", flush=True)
    for promise, (verdict, told) in found.verdicts.items():
        if verdict in ("broken", "uncertain"):
            print(f"  {verdict} {promise}: {told}", flush=True)
    if found.said:
        print(f"  {found.said}", flush=True)


if __name__ == "__main__":
    main()
