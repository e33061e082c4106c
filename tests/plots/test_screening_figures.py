"""Figures of many crystals show the numbers they are given."""

from __future__ import annotations

import time

import numpy as np
import pytest
from ase.data import chemical_symbols

from cijkl import plots
from cijkl.plots.elements import TABLE
from cijkl.plots.histograms import decades
from cijkl.plots.moduli import PUGH
from cijkl.plots.systems import SYSTEM_LOOK

K = np.array([10.0, 100.0, 50.0, np.nan, 0.0, 200.0, 30.0])
G = np.array([5.0, 80.0, 20.0, 10.0, 10.0, -1.0, 12.0])
SYSTEMS = ["cubic", "cubic", "triclinic", "cubic", "cubic", "cubic", "hexagonal"]
NAMES = list("abcdefg")


def points(figure):
    return {
        (trace.name, round(float(x), 3), round(float(y), 3), text, key)
        for trace in figure.data
        if trace.type == "scattergl"
        for x, y, text, key in zip(trace.x, trace.y, trace.text, trace.customdata, strict=True)
    }


EXPECTED = {
    ("cubic", 10.0, 5.0, "a", 0),
    ("cubic", 100.0, 80.0, "b", 1),
    ("triclinic", 50.0, 20.0, "c", 2),
    ("hexagonal", 30.0, 12.0, "g", 6),
}


@pytest.mark.parametrize("draw", [plots.moduli_map, plots.moduli_panels])
def test_points_are_those_that_have_both_moduli(draw):
    assert points(draw(K, G, SYSTEMS, NAMES)) == EXPECTED
    keyed = draw(K, G, SYSTEMS, NAMES, keys=list(range(100, 107)))
    assert {key for *_, key in points(keyed)} == {100, 101, 102, 106}


def test_margins_count_every_point_of_a_system():
    figure = plots.moduli_map(K, G, SYSTEMS, NAMES)
    for system, count in (("cubic", 2), ("triclinic", 1), ("hexagonal", 1)):
        upright, lying = (bar for bar in figure.data if bar.type == "bar" and bar.name == system)
        assert sum(upright.y) == count
        assert sum(lying.x) == count
    (trace,) = (
        b for b in figure.data if b.type == "bar" and b.name == "triclinic" and b.xaxis == "x"
    )
    (place,) = np.flatnonzero(trace.y)
    assert abs(trace.x[place] - 50.0) <= trace.width[place]


@pytest.mark.parametrize("draw", [plots.moduli_map, plots.moduli_panels])
def test_the_line_is_that_of_pugh(draw):
    traces = draw(K, G, SYSTEMS, NAMES).data
    lines = [trace for trace in traces if trace.type == "scatter" and trace.mode == "lines"]
    assert lines
    for line in lines:
        np.testing.assert_allclose(np.asarray(line.x) / np.asarray(line.y), 1.75)
    assert PUGH == 1.75


def test_one_panel_for_each_system_that_there_is():
    figure = plots.moduli_panels(K, G, SYSTEMS, NAMES)
    assert [note.text for note in figure.layout.annotations] == [
        "<b>cubic</b> 2", "<b>hexagonal</b> 1", "<b>triclinic</b> 1"]  # fmt: skip
    assert len({trace.xaxis for trace in figure.data}) == 3


@pytest.mark.parametrize("draw", [plots.moduli_map, plots.moduli_panels])
def test_no_crystal_at_all(draw):
    figure = draw([], [], [], [])
    assert points(figure) == set()
    figure.to_json()


def test_many_points_stay_small_and_quick():
    rng = np.random.default_rng(0)
    n = 25_000
    systems = [list(SYSTEM_LOOK)[i] for i in rng.integers(0, 7, n)]
    k, g = np.exp(rng.normal(4, 1, (2, n)))
    start = time.perf_counter()
    text = plots.moduli_map(k, g, systems, [f"crystal-{i}" for i in range(n)]).to_json()
    assert time.perf_counter() - start < 20
    assert len(text) < 2_500_000


def test_shares_of_systems():
    bars = plots.crystal_system_bars({"cubic": 3, "triclinic": 1}).data[0]
    assert dict(zip(bars.y, bars.x, strict=True)) == {
        system: {"cubic": 75.0, "triclinic": 25.0}.get(system, 0.0) for system in SYSTEM_LOOK
    }
    assert bars.text[0] == "75.0 %"
    assert sum(plots.crystal_system_bars({}).data[0].x) == 0


@pytest.mark.parametrize("largest", [1, 7, 60, 61, 500])
def test_sizes_of_cells(largest):
    sizes = np.random.default_rng(1).integers(1, largest + 1, 1000)
    sizes[0] = largest
    bars = plots.cell_size_histogram(sizes).data[0]
    assert sum(bars.y) == 1000
    for x, y, name in zip(bars.x, bars.y, bars.customdata, strict=True):
        ends = [int(part) for part in name.split(" to ")]
        assert y == np.sum((sizes >= ends[0]) & (sizes <= ends[-1]))
        assert x == pytest.approx((ends[0] + ends[-1]) / 2)


def test_the_periodic_table_is_complete_and_in_order():
    found = [symbol for row in TABLE for symbol in row if symbol]
    assert sorted(found) == sorted(chemical_symbols[1:119])
    groups = {symbol: column + 1 for row in TABLE for column, symbol in enumerate(row) if symbol}
    columns = {1: "H Li Na K Rb Cs Fr", 3: "Sc Y", 4: "Ti Zr Hf Rf", 11: "Cu Ag Au Rg"}
    columns |= {14: "C Si Ge Sn Pb Fl", 18: "He Ne Ar Kr Xe Rn Og"}
    for group, symbols in columns.items():
        assert {groups[symbol] for symbol in symbols.split()} == {group}
    assert all(len(row) == 18 for row in TABLE)


def test_elements():
    counts = {"O": 1000, "Si": 10, "Fe": 1}
    cells, names = plots.periodic_table(counts).data
    values = {cells.customdata[i][j][0]: cells.z[i][j] for i in range(10) for j in range(18)}
    assert {symbol: values[symbol] for symbol in counts} == {"O": 3.0, "Si": 1.0, "Fe": 0.0}
    assert np.isnan(values["U"])
    assert len(names.text) == 118 - 3
    bars = plots.element_bars(counts, 2000, most=2).data[0]
    assert list(bars.x) == ["O", "Si"]
    assert list(bars.y) == [50.0, 0.5]


def test_a_histogram_counts_all_positive_values():
    values = [1.0, 2.0, 2.0, 400.0, np.nan, -3.0, 0.0]
    figure = plots.property_histogram(values, "E", marked=[(400.0, "W", True), (1.0, "Xe", False)])
    assert sum(figure.data[0].y) == 4
    notes = {note.text: 10**note.x for note in figure.layout.annotations}
    assert notes == {"W": pytest.approx(400.0), "Xe": pytest.approx(1.0)}


def test_labels_of_one_end_stand_at_different_heights():
    marked = [(v, str(v), v > 50) for v in (1.0, 1.1, 1.2, 98.0, 99.0, 100.0)]
    notes = plots.property_histogram([1.0, 100.0], "E", marked=marked).layout.annotations
    for large in (True, False):
        heights = [n.ay for n in notes if (10**n.x > 50) == large]
        assert len(set(heights)) == 3


@pytest.mark.parametrize("values", [[], [5.0], [5.0, 5.0], [1e-3, 1e4]])
def test_bars_cover_the_values(values):
    edges = decades(np.array(values), 10)
    assert len(edges) == 11
    assert (np.diff(np.log(edges)) > 0).all()
    counts, _ = np.histogram(values, edges)
    assert counts.sum() == len(values)
