"""What the benchmark makes of its samples."""

from bench.measures import Measure, Row, Target, Trial
from bench.report import Samples, human, ratios_of_rounds, spread, table, verdict
from bench.servers import GOROUTINES, REVERB, Subject


def no_figures(_: Subject) -> dict[str, float]:
    return {}


ROW = Row("shouts", "32 B", "shouts/s", Target(15, aim=30))
TRIAL = Trial("flood", no_figures, (ROW,))
MEASURE = Measure("throughput", "Throughput", (TRIAL,))


def test_ratios_compare_runs_of_the_same_round() -> None:
    samples: Samples = {
        REVERB: [{"shouts": 40.0}, {"shouts": 60.0}],
        GOROUTINES: [{"shouts": 2.0}, {"shouts": 4.0}],
    }
    assert ratios_of_rounds(MEASURE, {"flood": samples}) == {"flood: shouts": [20.0, 15.0]}


def test_a_subject_with_one_failed_run_has_no_figure_and_no_ratio() -> None:
    samples: Samples = {
        REVERB: [{"shouts": 40.0}, "an echo was missing"],
        GOROUTINES: [{"shouts": 2.0}, {"shouts": 4.0}],
    }
    assert ratios_of_rounds(MEASURE, {"flood": samples}) == {}
    text = table(MEASURE, {"flood": samples}, [REVERB, GOROUTINES])
    assert "failed" in text.splitlines()[-1]
    assert "✓" not in text


def test_a_target_is_met_on_its_right_side_only() -> None:
    assert verdict(ROW, spread([20.0])) == "≥ 15 ✓, aim ≥ 30 ✗"
    most = Row("each", "idle", "B", Target(1.8, at_most=True))
    assert verdict(most, spread([1.7])) == "≤ 1.8 ✓"
    assert verdict(most, spread([1.9])) == "≤ 1.8 ✗"


def test_figures_are_written_with_three_digits_and_a_prefix() -> None:
    assert human(0.001234, "s") == "1.23 ms"
    assert human(2_345_678, "shouts/s") == "2.35 M"
    assert human(0, "B") == "0 B"
