"""The benchmark: Reverb and its peers side by side, round by round.

``python -m bench.run [--quick] [--peer name=host:port] [--only measure] [--into folder]`` prints a
table of each measure, and writes all samples as JSON, the tables as Markdown and a plot of each
measure as SVG. A peer that is named must run already, with delay 0.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Container, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.catalogue import measures
from bench.machine import cores, description, on_core
from bench.measures import FULL, QUICK, Measure, Trial
from bench.programs import Failed, Load, Programs, build
from bench.report import Samples, failure, ratios_of_rounds, table
from bench.servers import LIMIT, Command, Subject, echoing, plain, serving

CHECKED_DELAY = 0.05
NEEDS_NO_PROCESS = ("throughput", "round-trips", "accept")
"""What can be measured of a server that somebody else started."""


class Bench:
    """The subjects, and the core they run on."""

    def __init__(self, programs: Programs, load: Load, peers: dict[str, str], core: int) -> None:
        self.peers = peers
        self._load = load
        self._core = core
        self._unfit: dict[str, str] = {}  # by name, and why
        self._commands = {False: echoing(programs), True: plain(programs)}

    def check(self, names: Container[str]) -> None:
        """Check every echo of these servers; one that fails has no figures of its echoes."""
        checked = [name for name in self._commands[False] if name in names]
        for name in checked:
            command = self._commands[False][name]
            try:
                with serving(name, command, CHECKED_DELAY, self._core) as subject:
                    self._check(subject, CHECKED_DELAY)
            except Failed as problem:
                self._unfit[name] = f"it failed the check of its echoes: {problem}"
        for name, address in self.peers.items():
            try:
                self._check(Subject(name, address), 0.0)
            except Failed as problem:
                self._unfit[name] = f"it failed the check of its echoes: {problem}"
        for name in [*checked, *self.peers]:
            verdict = self._unfit.get(name, "every echo complete, whole, in order, and not early")
            print(f"{name}: {verdict}", flush=True)

    def _check(self, subject: Subject, delay: float) -> None:
        for size, wide in ((8, False), (100, True), (4096, False)):
            options = {"conns": 20, "shouts": 2_000, "size": size, "wide": wide, "delay": delay}
            self._load("check", subject.address, subject.pid, **options)

    def measure(self, measure: Measure, rounds: int) -> dict[str, Samples]:
        """Run all trials of a measure, each on its subjects in turn."""
        with ExitStack() as servers:
            running: dict[tuple[str, float, bool], Subject] = {}

            @contextmanager
            def subject(name: str, trial: Trial) -> Iterator[Subject]:
                if trial.serverless:
                    yield Subject(name)
                elif name in self.peers:
                    yield Subject(name, self.peers[name])
                elif trial.fresh:
                    with serving(name, self._command(name, trial), trial.delay, self._core) as one:
                        yield one
                else:
                    key = name, trial.delay, trial.plain
                    if key not in running:
                        command = self._command(name, trial)
                        running[key] = servers.enter_context(
                            serving(name, command, trial.delay, self._core)
                        )
                    yield running[key]

            results: dict[str, Samples] = {}
            for trial in measure.trials:
                names = [name for name in trial.subjects if self._is_there(name, trial)]
                if measure.name in NEEDS_NO_PROCESS:
                    names += self.peers
                samples: Samples = {name: [] for name in names}
                for _ in range(rounds):
                    for name in names:
                        if not any(isinstance(sample, str) for sample in samples[name]):
                            try:
                                self._reject_unfit(name, trial)
                                with subject(name, trial) as one:
                                    samples[name].append(trial.stats(one))
                            except Failed as problem:
                                samples[name].append(str(problem))
                results[trial.name] = samples
            return results

    def _reject_unfit(self, name: str, trial: Trial) -> None:
        if name in self._unfit and not trial.plain and not trial.serverless:
            raise Failed(self._unfit[name])

    def _command(self, name: str, trial: Trial) -> Command:
        return self._commands[trial.plain][name]

    def _is_there(self, name: str, trial: Trial) -> bool:
        return trial.serverless or name in self._commands[trial.plain]


def main() -> None:
    arguments = _arguments()
    if sys.platform != "linux":
        sys.exit("the benchmark needs Linux: it pins processes to cores and looks into /proc")
    began = time.monotonic()
    effort = QUICK if arguments.quick else FULL
    into: Path = arguments.into
    into.mkdir(parents=True, exist_ok=True)
    server_core, load_core = cores()
    if server_core == load_core:
        print("there is one core only: the load takes from the server what it uses")
    with tempfile.TemporaryDirectory() as folder, on_core(load_core):
        try:
            programs = build(Path(folder))
        except Failed as problem:
            sys.exit(str(problem))
        print(f"built the programs in Go in {time.monotonic() - began:.0f} s", flush=True)
        if programs.limit is None:
            print(f"{LIMIT} is left out: there is no C compiler (cc)", flush=True)
        load = Load(programs.load, load_core)
        bench = Bench(programs, load, dict(arguments.peer), server_core)
        chosen = [
            measure
            for measure in measures(load, effort)
            if not arguments.only or measure.name in arguments.only
        ]
        trials = [trial for measure in chosen for trial in measure.trials if not trial.serverless]
        bench.check({name for trial in trials for name in trial.subjects})
        found: dict[str, dict[str, Samples]] = {}
        tables, rounds = [], {}
        for measure in chosen:
            started = time.monotonic()
            found[measure.name] = bench.measure(measure, effort.rounds)
            print(f"\n{measure.name} took {time.monotonic() - started:.0f} s")
            rounds[measure.name] = ratios_of_rounds(measure, found[measure.name])
            tables.append(_show(measure, found[measure.name], into))
    about = description() | {"rounds": str(effort.rounds)}
    everything = {"on": about, "ratios": rounds, "samples": found}
    (into / "results.json").write_text(json.dumps(everything, indent=1))
    (into / "tables.md").write_text("\n\n".join(tables) + "\n")
    print(f"\n{time.monotonic() - began:.0f} s in all; see {into}")
    if any(
        failure(runs)
        for trials in found.values()
        for samples in trials.values()
        for runs in samples.values()
    ):
        sys.exit("some runs failed")


def _show(measure: Measure, results: dict[str, Samples], into: Path) -> str:
    """Print a measure's table and draw its plot; return the table."""
    from bench.plots import plot  # slow to import, and not needed for the first measure

    names = [name for trial in results.values() for name in trial]
    subjects = list(dict.fromkeys(names))
    text = table(measure, results, subjects)
    print(text, flush=True)
    for trial, samples in results.items():
        for name, runs in samples.items():
            if problem := failure(runs):
                print(f"FAILED: {name}, {trial}: {problem}")
    plot(measure, results, subjects, into / f"{measure.name}.svg")
    return text


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="Measure Reverb and its peers.")
    parser.add_argument("--quick", action="store_true", help="fewer measures, and shorter")
    parser.add_argument("--only", action="append", metavar="MEASURE", help="this measure alone")
    parser.add_argument(
        "--peer", action="append", default=[], type=_negotiation, metavar="NAME=HOST:PORT",
        help="another server, which runs already with delay 0",
    )  # fmt: skip
    parser.add_argument("--into", type=Path, default=Path("build/bench"), help="where to write")
    return parser.parse_args()


def _negotiation(text: str) -> tuple[str, str]:
    name, equals, address = text.partition("=")
    if not (name and equals and ":" in address):
        raise argparse.ArgumentTypeError(f"{text!r} is not name=host:port")
    return name, address


if __name__ == "__main__":
    main()
