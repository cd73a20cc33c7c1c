"""The reports for programs: JSON, and JUnit's XML."""

import json
from typing import Any
from xml.etree import ElementTree

from reverb_check.findings import Report, Result
from reverb_check.learned import Name
from reverb_check.promises.promise import Verdict
from reverb_check.transcript import Transcript
from reverb_server.command_line import printable

VERSION = 1
"""The version of the JSON object."""

MOST = 4096
"""Bytes that are repeated of what one connection sent, and of what came."""


def to_json(report: Report) -> str:
    """Return the report as one JSON object."""
    return json.dumps(
        {
            "version": VERSION,
            "address": report.address,
            "server": report.server or Name.UNKNOWN,
            "delay": round(report.delay, 4),
            "promises": [_promise(result) for result in report.results],
        },
        ensure_ascii=False,
        indent=2,
    )


def _promise(result: Result) -> dict[str, Any]:
    promise, finding = result.promise, result.finding
    entry: dict[str, Any] = {
        "id": promise.id,
        "verdict": finding.verdict,
        "sentence": promise.sentence,
        "source": promise.source,
        "told": finding.told,
    }
    if finding.verdict in (Verdict.BROKEN, Verdict.UNCERTAIN):
        shown = result.evidence.transcripts[:4]
        entry["sent"] = [_pieces(transcript, came=False) for transcript in shown]
        entry["came"] = [_pieces(transcript, came=True) for transcript in shown]
    return entry


def _pieces(transcript: Transcript, *, came: bool) -> list[dict[str, Any]]:
    """Return what one connection sent or got: instants in seconds, bytes as Latin-1 text."""
    pieces: list[dict[str, Any]] = []
    room = MOST
    for piece in transcript.came if came else transcript.sent:
        if room <= 0:
            break
        pieces.append({"at": round(piece.instant, 4), "data": piece.data[:room].decode("latin-1")})
        room -= len(piece.data)
    end = transcript.half_closed
    if not came and end is not None:
        pieces.append({"at": round(end, 4), "end": True})
    if came and transcript.ending != "open":
        pieces.append({"at": round(transcript.over, 4), "end": transcript.ending})
    return pieces


def to_junit(report: Report) -> str:
    """Return the report as JUnit writes them, for continuous integration."""
    suite = ElementTree.Element(
        "testsuite",
        name="reverb-check",
        tests=str(len(report.results)),
        failures=str(len(report.having(Verdict.BROKEN))),
        skipped=str(len(report.having(Verdict.NOT_ASKED)) + len(report.having(Verdict.UNCERTAIN))),
        errors="0",
    )
    for result in report.results:
        case = ElementTree.SubElement(
            suite, "testcase", classname=printable(report.address), name=result.promise.id
        )
        told = printable(result.finding.told)
        if result.finding.verdict is Verdict.BROKEN:
            failure = ElementTree.SubElement(case, "failure", message=told)
            failure.text = "\n".join(map(printable, result.finding.history))
        elif result.finding.verdict is not Verdict.KEPT:
            ElementTree.SubElement(case, "skipped", message=f"{result.finding.verdict}: {told}")
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"
