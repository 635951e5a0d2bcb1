"""Plots with marks, points and cells: well-formed, complete, and nothing where nothing is known."""

from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.evaluation.svg import Line
from assay.evaluation.svg_marked import border_plot, count_plot
from assay.evaluation.svg_matrix import correlation_plot
from assay.evaluation.svg_points import points_plot

SVG = "{http://www.w3.org/2000/svg}"
VALUES = st.floats(-1e6, 1e6)


def parsed(drawn: str) -> ET.Element:
    """Return a plot as a tree; one that is not well-formed raises."""
    inside = drawn[drawn.index("<svg") : drawn.index("</svg>") + len("</svg>")]
    return ET.fromstring(inside.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"'))


@given(groups=st.lists(st.lists(st.one_of(VALUES, st.just(float("nan"))), max_size=6), max_size=6))
def test_every_known_point_is_drawn_inside_the_plot(groups: list[list[float]]) -> None:
    named = [(f"g{n}", [(f"p{m}", v) for m, v in enumerate(g)]) for n, g in enumerate(groups)]

    drawn = points_plot(named, title="t", across="a", up="u")

    known = [value for group in groups for value in group if np.isfinite(value)]
    if not known:
        assert "<svg" not in drawn
        return
    circles = parsed(drawn).findall(f".//{SVG}circle")
    assert len(circles) == len(known)
    assert all(0 <= float(each.get("cy", "nan")) <= 250 for each in circles)


@given(values=st.lists(st.one_of(VALUES, st.just(float("nan"))), min_size=2, max_size=30))
def test_a_curve_over_a_count_is_well_formed_and_drawn_where_known(values: list[float]) -> None:
    counts = list(range(1, len(values) + 1))

    drawn = count_plot(
        counts,
        [Line("a & b", values, "a")],
        [(counts[0], "here"), (counts[-1], "there")],
        title="t<",
        across="n",
        levels=[(0.5, "half")],
    )

    known = sum(np.isfinite(values))
    if not known:
        assert "<svg" not in drawn
        return
    [path] = parsed(drawn).findall(f".//{SVG}path")
    assert path.get("d", "").count(",") == known


@given(counts=st.lists(st.integers(0, 10_000), min_size=2, max_size=24))
def test_a_histogram_has_a_bar_a_bin_and_what_lies_below_in_another_colour(
    counts: list[int],
) -> None:
    edges = np.linspace(-1, 1, len(counts) + 1).tolist()

    drawn = border_plot(edges, counts, title="t", below="b", above="a", across="x", of="partitions")

    if not any(counts):
        assert "<svg" not in drawn
        return
    bars = parsed(drawn).findall(f".//{SVG}rect")
    assert len(bars) == len(counts)
    assert bars[0].get("class") == "out-of"
    assert bars[-1].get("class") == "size"


@pytest.mark.parametrize("count", [2, 7, 60])
def test_a_map_has_a_cell_for_each_two(count: int) -> None:
    values = np.eye(count)
    values[0, 1] = values[1, 0] = -0.4

    drawn = correlation_plot([str(n) for n in range(count)], values.tolist(), [1], title="t")

    cells = parsed(drawn).findall(f".//{SVG}rect")
    assert len(cells) == count**2
    assert cells[1].get("class") == "out-of"
    assert "0 and 1: -0.40" in "".join(cells[1].itertext())


def test_one_trial_has_no_map() -> None:
    assert "<svg" not in correlation_plot(["1"], [[1.0]], [], title="t")
