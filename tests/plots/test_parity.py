from __future__ import annotations

import numpy as np
import pytest

from cijkl.plots.parity import Panel, parity_plot

SYSTEMS = ["cubic", "cubic", "triclinic", "hexagonal"]
IDS = ["a", "b", "c", "d"]
TRUTH = np.array([10.0, 100.0, 50.0, np.nan])
SAID = np.array([20.0, 90.0, -1.0, 5.0])


def points(figure, axis=None):
    """Name, known, predicted and text of each point, by panel."""
    found = set()
    for trace in figure.data:
        if trace.mode == "markers" and (axis is None or trace.xaxis == axis):
            found |= set(
                zip([trace.name] * len(trace.x), trace.x, trace.y, trace.text, strict=True)
            )
    return found


def test_points_and_axes():
    figure = parity_plot([Panel("K", TRUTH, SAID), Panel("C", TRUTH, SAID, False)], SYSTEMS, IDS)
    # what is not positive has no place on a logarithmic axis
    assert points(figure, "x") == {("cubic", 10.0, 20.0, "a"), ("cubic", 100.0, 90.0, "b")}
    assert points(figure, "x2") - points(figure, "x") == {("triclinic", 50.0, -1.0, "c")}
    assert figure.layout.xaxis.type == figure.layout.yaxis.type == "log"
    assert figure.layout.xaxis.range == figure.layout.yaxis.range
    assert figure.layout.xaxis2.type is None
    low, high = figure.layout.xaxis2.range
    assert low < -1.0
    assert high > 100.0
    low, high = (10.0**end for end in figure.layout.xaxis.range)
    assert low < 10.0 < 100.0 < high
    assert figure.layout.xaxis.title.text == "known K (GPa)"


def test_the_line_is_that_of_agreement():
    figure = parity_plot([Panel("K", TRUTH, SAID)], SYSTEMS, IDS)
    (line,) = (trace for trace in figure.data if trace.mode == "lines")
    assert line.x == line.y
    np.testing.assert_allclose(np.log10(line.x), figure.layout.xaxis.range)


def test_systems_are_named_once():
    figure = parity_plot([Panel("K", TRUTH, SAID), Panel("C", TRUTH, SAID, False)], SYSTEMS, IDS)
    shown = [trace.name for trace in figure.data if trace.showlegend]
    assert sorted(shown) == ["cubic", "triclinic"]
    looks = {(t.marker.color, t.marker.symbol) for t in figure.data if t.mode == "markers"}
    assert len(looks) == 2


def test_constants_belong_to_their_crystal():
    truth = np.arange(12.0).reshape(4, 3)
    figure = parity_plot([Panel("C", truth, truth + 1, False)], SYSTEMS, IDS)
    found = points(figure)
    assert len(found) == 12
    assert ("triclinic", 7.0, 8.0, "c") in found
    assert ("hexagonal", 11.0, 12.0, "d") in found


@pytest.mark.parametrize("logarithmic", [True, False])
def test_nothing_to_draw(logarithmic):
    empty = np.full(4, np.nan)
    figure = parity_plot([Panel("K", empty, empty, logarithmic)], SYSTEMS, IDS)
    assert points(figure) == set()
    assert np.isfinite(figure.layout.xaxis.range).all()


def test_panels_do_not_overlap():
    figure = parity_plot([Panel(n, TRUTH, SAID) for n in "KGEXY"], SYSTEMS, IDS)
    places = []
    for number in range(5):
        suffix = "" if number == 0 else str(number + 1)
        x, y = figure.layout[f"xaxis{suffix}"].domain, figure.layout[f"yaxis{suffix}"].domain
        assert 0.0 <= x[0] < x[1] <= 1.0
        assert 0.0 <= y[0] < y[1] <= 1.0
        places.append((*x, *y))
    for i, (a, b, c, d) in enumerate(places):
        for e, f, g, h in places[:i]:
            assert b <= e or f <= a or d <= g or h <= c
