"""Reports for people and for programs."""

import io
import json
from xml.etree import ElementTree

from rich.console import Console

from reverb_check.findings import Report, Result
from reverb_check.learned import Name
from reverb_check.promises import PROMISES
from reverb_check.promises.promise import Finding, Lane, Verdict
from reverb_check.report.formats import to_json, to_junit
from reverb_check.report.text import explain, print_report
from reverb_check.transcript import Ending, Evidence, Piece, Transcript

EVIDENCE = Evidence(
    (
        Transcript(
            sent=(Piece(0, b"Hello?\n"),),
            came=(Piece(0.01, b"\t HELLO?\n\xff"),),
            ending=Ending.CLOSED,
            over=0.02,
            half_closed=0.001,
        ),
    )
)
REPORT = Report(
    "localhost:8000",
    [
        Result(PROMISES["three-echoes"], Finding(Verdict.KEPT, "delay measured: 1.00 s")),
        Result(
            PROMISES["overlap"],
            Finding(Verdict.BROKEN, "after 2.0 s", lanes=(Lane("came", (2.0, 3.0, 4.0), 0.0),)),
        ),
        Result(
            PROMISES["half-close"],
            Finding(Verdict.BROKEN, "1 of 3 came", history=("sent  \x1b[31m",)),
            EVIDENCE,
        ),
        Result(PROMISES["on-time"], Finding(Verdict.UNCERTAIN, "this machine was late")),
        Result(PROMISES["idle"], Finding(Verdict.NOT_ASKED, "not asked for: --promise idle")),
    ],
    server=Name.REVERB1,
    delay=1.0,
)


def printed(report: Report) -> list[str]:
    file = io.StringIO()
    print_report(report, Console(file=file, width=100, highlight=False, soft_wrap=True))
    return file.getvalue().splitlines()


def test_the_report_has_a_line_for_each_promise_and_shows_what_is_broken() -> None:
    lines = printed(REPORT)
    assert lines[0].startswith("localhost:8000")
    assert lines[1].startswith("✓ three-echoes   each line comes back loud, normal and quiet")
    assert lines[1].endswith("delay measured: 1.00 s")
    assert lines[2].startswith("✗ overlap        two shouts of one client do not overlap")
    assert lines[3].strip().startswith("came  ░░ waits ░")
    assert "go echo(…)" in " ".join(lines[4:6])
    assert any(line.startswith("? on-time") for line in lines)
    assert any(line.endswith(" idle           not asked for: --promise idle") for line in lines)
    assert lines[-1] == (
        "This is the book's reverb1: one shout at a time. 1 promise kept, 2 broken, 1 uncertain, "
        "1 not asked for."
    )


def test_nothing_that_came_reaches_the_terminal_as_a_control() -> None:
    assert "\x1b" not in "".join(printed(REPORT))
    assert any("sent  \\x1b[31m" in line for line in printed(REPORT))


def test_json_has_the_verdicts_and_what_shows_them() -> None:
    report = json.loads(to_json(REPORT))
    assert {key: report[key] for key in ("version", "address", "server", "delay")} == {
        "version": 1,
        "address": "localhost:8000",
        "server": "reverb1",
        "delay": 1.0,
    }
    verdicts = {each["id"]: each["verdict"] for each in report["promises"]}
    assert verdicts == {
        "three-echoes": "kept",
        "overlap": "broken",
        "half-close": "broken",
        "on-time": "uncertain",
        "idle": "not-asked",
    }
    (half_close,) = [each for each in report["promises"] if each["id"] == "half-close"]
    assert half_close["source"] == "exercise 8.4"
    assert half_close["sent"] == [[{"at": 0, "data": "Hello?\n"}, {"at": 0.001, "end": True}]]
    assert half_close["came"] == [
        [{"at": 0.01, "data": "\t HELLO?\n\xff"}, {"at": 0.02, "end": "closed"}]
    ]


def test_junit_counts_failures_and_what_was_skipped() -> None:
    suite = ElementTree.fromstring(to_junit(REPORT))[0]
    assert {key: suite.get(key) for key in ("tests", "failures", "skipped", "errors")} == {
        "tests": "5",
        "failures": "2",
        "skipped": "2",
        "errors": "0",
    }
    assert [case.get("name") for case in suite] == [result.promise.id for result in REPORT.results]


def test_every_promise_can_be_explained() -> None:
    for promise in PROMISES.values():
        text = explain(promise)
        assert promise.sentence in text
        assert promise.source in text
