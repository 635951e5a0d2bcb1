"""What is said quickly is what the standard library says."""

from dataclasses import asdict

from assay.core.flat import flat
from assay.core.values.forecast import Classes


def test_it_says_what_asdict_says() -> None:
    classes = Classes(0.25, 0.25, 0.5)

    assert flat(classes) == asdict(classes) == {"down": 0.25, "flat": 0.25, "up": 0.5}
    assert list(flat(classes)) == list(asdict(classes))
