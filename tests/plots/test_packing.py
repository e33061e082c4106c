"""Bars of stiffness and contacts along the axes of a molecular crystal."""

from __future__ import annotations

import pytest

from cijkl.plots.packing import packing_bars

AXES = [
    {"uvw": [1, 0, 0], "E": 12.0, "hydrogen_bonds": 0.6, "stacks": 0.0},
    {"uvw": [0, -1, 0], "E": 6.5, "hydrogen_bonds": 0.4, "stacks": 0.25},
    {"uvw": [0, 0, 1], "E": 9.0, "hydrogen_bonds": 0.0, "stacks": 0.75},
]


def test_bars_hold_the_numbers() -> None:
    young, bonds, stacks = packing_bars(AXES).data
    assert list(young.x) == [12.0, 6.5, 9.0]
    assert list(young.y) == ["[1 0 0]", "[0 −1 0]", "[0 0 1]"]
    assert list(bonds.x) == pytest.approx([60, 40, 0])
    assert list(stacks.x) == pytest.approx([0, 25, 75])
    assert (bonds.name, stacks.name) == ("hydrogen bonds", "stacked rings")
    assert bonds.xaxis == stacks.xaxis == "x2"


def test_what_is_not_there_is_not_drawn() -> None:
    without = [{**axis, "stacks": None} for axis in AXES]
    figure = packing_bars(without)
    assert [bar.name for bar in figure.data[1:]] == ["hydrogen bonds"]
    (young,) = packing_bars([{**axis, "hydrogen_bonds": None} for axis in without]).data
    assert list(young.x) == [12.0, 6.5, 9.0]
    bare = packing_bars([{**axis, "hydrogen_bonds": None} for axis in without])
    assert bare.layout.xaxis.domain == (0.0, 1.0)
    assert not bare.layout.showlegend
    assert "xaxis2" not in bare.to_plotly_json()["layout"]
