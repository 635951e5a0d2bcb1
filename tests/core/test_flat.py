"""What is said quickly is what the standard library says."""

from dataclasses import asdict
from datetime import UTC, datetime

from assay.core.flat import deep, flat
from assay.core.values.forecast import Classes
from assay.core.values.view import Point, Stance, View


def test_it_says_what_asdict_says() -> None:
    classes = Classes(0.25, 0.25, 0.5)

    assert flat(classes) == asdict(classes) == {"down": 0.25, "flat": 0.25, "up": 0.5}
    assert list(flat(classes)) == list(asdict(classes))


def test_values_in_values_are_taken_apart_too() -> None:
    points = (Point("b1", "up", Stance.UP), Point("b2", "down", Stance.DOWN))
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    view = View("EURUSD", noon, 0.6, "calm", points, (), "rules", "brief-1")

    assert deep(view) == asdict(view)
    assert list(deep(view)) == list(asdict(view))
    assert deep(view)["evidence"][1] == {"ref": "b2", "claim": "down", "stance": "down"}
