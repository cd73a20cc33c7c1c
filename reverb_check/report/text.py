"""The report for people."""

from collections.abc import Iterator
from textwrap import wrap
from typing import Final

from rich.console import Console
from rich.text import Text

from reverb_check.findings import LEFT_OUT, Report, Result
from reverb_check.learned import Name
from reverb_check.promises.promise import Promise, Verdict, count
from reverb_check.report.sketch import sketch
from reverb_server.command_line import printable

SIGNS: Final = {
    Verdict.KEPT: ("✓", "green"),
    Verdict.BROKEN: ("✗", "bold red"),
    Verdict.UNCERTAIN: ("?", "yellow"),
    Verdict.NOT_ASKED: ("–", "dim"),  # noqa: RUF001  # a dash
}
"""Signs of the verdicts, and their styles."""

IDS: Final = 14
SENTENCES: Final = 58
"""Cells of the first columns."""

NAMES: Final = {
    Name.ECHO: "a plain echo",
    Name.REVERB1: "the book's reverb1: one shout at a time",
    Name.REVERB2: "the book's reverb2: all shouts at once",
    Name.REVERB: "a reverb that knows control lines",
    Name.UNKNOWN: "no reverb and no echo",
}


def print_report(report: Report, console: Console) -> None:
    """Print all of it."""
    console.print(
        Text(f"{printable(report.address)}    The Go Programming Language, section 8.3", "bold"),
        soft_wrap=True,
    )
    for result in report.results:
        if result.finding.told == LEFT_OUT:
            continue
        sign, style = SIGNS[result.finding.verdict]
        for number, line in enumerate(rows(result, console.width)):
            text = Text(line)
            if number == 0:
                text.stylize(style, 0, len(sign))
            if result.finding.verdict is Verdict.NOT_ASKED:
                text.stylize("dim")
            console.print(text, soft_wrap=True)
    if report.restarts:
        console.print(f"It ended and was started again {count(report.restarts, 'time')}.")
    console.print(Text(summary(report), "bold"), soft_wrap=True)


def rows(result: Result, width: int) -> Iterator[str]:
    """Return the rows about one promise: the verdict, and what shows it where it is broken."""
    promise, finding = result.promise, result.finding
    sentence = promise.sentence if finding.verdict is not Verdict.BROKEN else promise.otherwise
    told = printable(finding.told)
    sign = SIGNS[finding.verdict][0]
    if finding.verdict is Verdict.NOT_ASKED:
        yield f"{sign} {promise.id:{IDS}} {told}"
        return
    yield f"{sign} {promise.id:{IDS}} {sentence:{SENTENCES}} {told}".rstrip()
    if finding.verdict is not Verdict.BROKEN:
        return
    space = max(40, min(width, 120) - 8)
    for line in sketch(finding.lanes, space):
        yield f"      {line}"
    for line in finding.history:
        yield f"      {printable(line)}"
    for line in wrap(f"{promise.advice} ({promise.source})", space):
        yield f"    {line}"


def summary(report: Report) -> str:
    """Return the last line: what the server is, and how many promises it keeps."""
    numbers = [
        count(len(report.having(Verdict.KEPT)), "promise") + " kept",
        f"{len(report.having(Verdict.BROKEN))} broken",
        f"{len(report.having(Verdict.NOT_ASKED))} not asked for",
    ]
    if unsure := report.having(Verdict.UNCERTAIN):
        numbers.insert(2, f"{len(unsure)} uncertain")
    who = f"This is {NAMES[report.server]}. " if report.server else ""
    return f"{who}{', '.join(numbers)}."


def explain(promise: Promise) -> str:
    """Return all that there is to know about a promise."""
    return (
        f"{promise.id}: {promise.sentence}\n"
        f"Source: {promise.source}\n"
        f"Sends: {promise.sends}\n"
        f"Kept if: {promise.kept_if}\n"
        f"Advice: {promise.advice}"
    )
