"""A plot of each measure, as SVG."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.measures import Measure, Row
from bench.report import Samples, human, spread, values

COLOURS: Final = ("#0b6e4f", "#00a2d3", "#1f5f8b", "#333333", "#7fb685", "#c8553d", "#8d6a9f")
"""One for each subject, in their order."""

Bar = tuple[Row, str, Samples]
"""A row, its trial's reference, and what was found."""


def plot(
    measure: Measure, results: dict[str, Samples], subjects: Sequence[str], into: Path
) -> None:
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "reverb", "font.size": 9})
    figure = (
        _scale(measure, results) if measure.name == "scale" else _bars(measure, results, subjects)
    )
    figure.suptitle(measure.title)
    figure.savefig(into, metadata={"Date": None})


def _bars(measure: Measure, results: dict[str, Samples], subjects: Sequence[str]) -> Figure:
    """Draw the median of each row and subject, with its range."""
    rows = [(row, results[trial.name]) for trial in measure.trials for row in trial.rows]
    shown = [name for name in subjects if any(samples.get(name) for _, samples in rows)]
    figure = Figure(figsize=(8, 0.8 + len(rows) * (0.5 + 0.17 * len(shown))), layout="constrained")
    axes = figure.subplots(len(rows), squeeze=False)
    for (row, samples), ax in zip(rows, axes[:, 0], strict=True):
        found = {name: spread(values(samples, name, row.key)) for name in shown}
        for place, name in enumerate(shown):
            middle = found[name]
            if middle is None:
                continue
            beyond = [[middle.middle - middle.least], [middle.most - middle.middle]]
            colour = COLOURS[list(subjects).index(name) % len(COLOURS)]
            ax.barh(place, middle.middle, color=colour, xerr=beyond, ecolor="#888888")
            ax.annotate(
                f" {human(middle.middle, row.unit)}",
                (middle.most, place),
                va="center",
                fontsize=8,
            )
        there = [place for place, name in enumerate(shown) if found[name]]
        ax.set_yticks(there, [shown[place] for place in there])
        ax.invert_yaxis()
        ax.set_title(row.label, loc="left", fontsize=9)
        _undress(ax)
    return figure


def _undress(ax: Axes) -> None:
    ax.set_xticks([])
    ax.margins(x=0.15)
    ax.spines[["top", "right", "bottom"]].set_visible(False)


def _scale(measure: Measure, results: dict[str, Samples]) -> Figure:
    """Draw each kind of row against the number of connections, which is the name of its trial."""
    trials = measure.trials
    figure = Figure(figsize=(10, 3.6), layout="constrained")
    for kind, ax in enumerate(figure.subplots(1, len(trials[0].rows))):
        for colour, name in zip(COLOURS, trials[0].subjects, strict=False):
            points = [
                (int(trial.name), found)
                for trial in trials
                if (found := spread(values(results[trial.name], name, trial.rows[kind].key)))
            ]
            places = [place for place, _ in points]
            ax.plot(places, [found.middle for _, found in points], "o-", color=colour, label=name)
            ends = [found.least for _, found in points], [found.most for _, found in points]
            ax.fill_between(places, *ends, color=colour, alpha=0.2)
        ax.set(xscale="log", yscale="log", xlabel="connections")
        row = trials[0].rows[kind]
        ax.set_title(f"{row.label.partition(', ')[2] or 'throughput'}, {row.unit}", fontsize=9)
        ax.grid(alpha=0.3)
    figure.axes[0].legend()
    return figure
