"""From samples to a table: medians, ranges, and ratios round by round."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from bench.measures import Measure, Row
from bench.servers import LIMIT, REVERB, TRIO, TUNED

Sample = dict[str, float] | str
"""The figures of one run, or why it has none."""

Samples = dict[str, list[Sample]]
"""By subject, in the order of the rounds."""

MET: Final = {True: "✓", False: "✗"}
SCALES: Final = (
    (1e9, "G"),
    (1e6, "M"),
    (1e3, "k"),
    (1.0, ""),
    (1e-3, "m"),
    (1e-6, "µ"),
    (1e-9, "n"),
)


UNITS: Final = ("s", "B", "B/s")
"""What a prefix can stand before; anything else is a count."""


@dataclass(frozen=True)
class Range:
    """The median of some rounds, the least and the most."""

    middle: float
    least: float
    most: float


def spread(values: Sequence[float]) -> Range | None:
    """Return the range of ``values``, None if there are none."""
    return Range(median(values), min(values), max(values)) if values else None


def values(samples: Samples, subject: str, key: str) -> list[float]:
    """Return a subject's figures of one row; none if a run failed, or they are unknown."""
    runs = samples.get(subject, [])
    if failure(runs):
        return []
    return [run[key] for run in runs if not isinstance(run, str) and key in run]


def failure(runs: Sequence[Sample]) -> str | None:
    """Return why one of the runs has no figures."""
    return next((run for run in runs if isinstance(run, str)), None)


def ratios(samples: Samples, reference: str, key: str, subject: str) -> list[float]:
    """Return the ratio of a subject's figure to the reference's in every round."""
    ours, theirs = values(samples, subject, key), values(samples, reference, key)
    return [one / other for one, other in zip(ours, theirs, strict=False) if other]


def ratios_of_rounds(measure: Measure, results: dict[str, Samples]) -> dict[str, list[float]]:
    """Return Reverb's ratio to the reference in every round, by trial and row."""
    return {
        f"{trial.name}: {row.key}": found
        for trial in measure.trials
        for row in trial.rows
        if (found := ratios(results[trial.name], trial.reference, row.key, REVERB))
    }


def verdict(row: Row, found: Range | None) -> str:
    """Return the target, and whether it was reached."""
    if row.target is None:
        return ""
    sign = "≤" if row.target.at_most else "≥"
    words = []
    for name, bound in (("", row.target.bound), ("aim ", row.target.aim)):
        if bound is not None:
            mark = "?" if found is None else MET[row.target.met(found.middle, bound)]
            words.append(f"{name}{sign} {bound:g} {mark}")
    return ", ".join(words)


def table(measure: Measure, results: dict[str, Samples], subjects: Sequence[str]) -> str:
    """Write a measure as a table that reads well on a terminal and in Markdown."""
    shown = [
        subject
        for subject in subjects
        if any(results[trial.name].get(subject) for trial in measure.trials)
    ]
    others = [name for name in (TUNED, LIMIT) if name in shown]
    to_others = [f"to {name}" for name in others]
    head = [measure.title, *shown, "ratio", "ratio, trio", *to_others, "target"]
    lines = [head]
    for trial in measure.trials:
        samples = results[trial.name]
        for row in trial.rows:
            pairs = [(trial.reference, REVERB), (trial.reference, TRIO)]
            pairs += [(other, REVERB) for other in others]
            found = [spread(ratios(samples, other, row.key, name)) for other, name in pairs]
            cells = [_cell(samples, subject, row) for subject in shown]
            label = f"{row.label}, {row.unit}"
            lines.append([label, *cells, *map(_ratio, found), verdict(row, found[0])])
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        f"| {' | '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))} |"
        for line in lines
    )


def _cell(samples: Samples, subject: str, row: Row) -> str:
    if failure(samples.get(subject, [])):
        return "failed"
    found = spread(values(samples, subject, row.key))
    if found is None:
        return ""
    return f"{human(found.middle, row.unit)} ({_ends(found, row.unit)})"


def _ratio(found: Range | None) -> str:
    return f"{found.middle:.3g} ({found.least:.3g} to {found.most:.3g})" if found else ""


def _ends(found: Range, unit: str) -> str:
    scale, _ = _scale(found.middle)
    return f"{found.least / scale:.3g} to {found.most / scale:.3g}"


def human(value: float, unit: str) -> str:
    """Write a figure with three digits and its unit."""
    scale, prefix = _scale(value)
    return f"{value / scale:.3g} {prefix}{unit if unit in UNITS else ''}".rstrip()


def _scale(value: float) -> tuple[float, str]:
    return next((each for each in SCALES if abs(value) >= each[0]), SCALES[3])
