from __future__ import annotations

import numpy as np
import pytest

from cijkl.plots.benchmark import Series, method_bias, method_errors, method_parity

ONE = Series("one", ["a", "b"], np.array([10.0, 20.0]), np.array([12.0, 17.0]))
TWO = Series("two", ["b"], np.array([20.0]), np.array([30.0]))
PANELS = {"E (GPa)": [ONE, TWO], "A": [TWO]}


def points(figure, axis):
    return {
        (trace.name, text, x, y)
        for trace in figure.data
        if trace.mode == "markers" and trace.xaxis == axis
        for text, x, y in zip(trace.text, trace.x, trace.y, strict=True)
    }


def test_parity():
    figure = method_parity(PANELS)
    assert points(figure, "x") == {
        ("one", "a", 10.0, 12.0), ("one", "b", 20.0, 17.0), ("two", "b", 20.0, 30.0),
    }  # fmt: skip
    assert points(figure, "x2") == {("two", "b", 20.0, 30.0)}
    layout = figure.layout
    assert layout.xaxis.range == layout.yaxis.range
    assert layout.xaxis.range[0] <= 0.0 < 30.0 < layout.xaxis.range[1]
    assert layout.xaxis.title.text == "measured E (GPa)"
    assert layout.yaxis2.title.text == "computed A"
    diagonal = next(t for t in figure.data if t.mode == "lines")
    assert diagonal.x == diagonal.y


def test_errors():
    figure = method_errors(PANELS)
    assert points(figure, "x") == {
        ("one", "a", 10.0, 2.0), ("one", "b", 20.0, -3.0), ("two", "b", 20.0, 10.0),
    }  # fmt: skip
    level = next(t for t in figure.data if t.mode == "lines")
    assert set(level.y) == {0.0}


def test_bias():
    nothing = Series("none", [], np.zeros(0), np.zeros(0))
    figure = method_bias({"E (GPa)": [ONE, nothing, TWO]})
    bars, marks = figure.data
    assert list(bars.x) == list(marks.x) == ["one", "two"]
    assert bars.y == pytest.approx((2.5, 10.0))
    assert marks.y == pytest.approx((-0.5, 10.0))


def test_methods_keep_their_look_and_one_entry_in_the_legend():
    figure = method_parity({"E": [ONE, TWO], "G": [ONE, TWO]})
    for name in ("one", "two"):
        mine = [t for t in figure.data if t.name == name]
        assert len({(t.marker.color, t.marker.symbol) for t in mine}) == 1
        assert sum(bool(t.showlegend) for t in mine) == 1


def test_without_points():
    assert method_parity({"E": []}).layout.xaxis.range == (0.0, 1.0)
    assert method_errors({"E": []}).layout.yaxis.title.text == "error of E"
