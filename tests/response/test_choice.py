"""Potential and cell chosen by the crystal: alone, in lockstep and in worker processes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT

from cijkl.errors import InputError, MissingPackageError
from cijkl.potentials import AseCalculator
from cijkl.response import (
    DEFAULT_POTENTIAL,
    MOLECULAR_POTENTIAL,
    ComputeSettings,
    RelaxSettings,
    choice,
    compute,
)
from cijkl.response.choice import Choice
from cijkl.response.lanes import by_lane
from cijkl.structures import Crystal, Unreadable

EXAMPLES = Path(__file__).parents[2] / "examples"


def nitrogen():
    """Molecules of N2 on a face-centred lattice, which EMT can compute, after a fashion."""
    atoms = bulk("N", "fcc", a=5.6, cubic=True)
    other = atoms.copy()
    other.positions += np.array([1.1, 0.0, 0.0])
    return atoms + other


def mixed():
    yield bulk("Cu", a=3.6)
    yield nitrogen()
    yield Unreadable("bad", "nowhere", "no such file")
    yield bulk("Al", a=4.0)
    yield nitrogen()
    yield bulk("Ni", a=3.5)


class Named:
    """EMT under another name, that says where it computes."""

    version = "test"

    def __init__(self, name, device="cpu"):
        self.name, self.settings = name, {"device": device}
        self.emt = AseCalculator(EMT(), "emt")

    def evaluate(self, structures):
        assert len({_is_nitrogen(atoms) for atoms in structures}) == 1
        return self.emt.evaluate(structures)


def _is_nitrogen(atoms):
    return set(atoms.symbols) == {"N"}


@pytest.fixture
def loads(monkeypatch):
    """Stands in for `cijkl.potentials.load`; gives the names asked for."""
    asked = []

    def load(name, dtype="float32"):
        asked.append(name)
        return Named(name)

    monkeypatch.setattr("cijkl.potentials.load", load)
    return asked


def names(results):
    return [result.record["engine"]["name"] for result in results]


EXPECTED = [
    DEFAULT_POTENTIAL,
    MOLECULAR_POTENTIAL,
    "auto",
    DEFAULT_POTENTIAL,
    MOLECULAR_POTENTIAL,
    DEFAULT_POTENTIAL,
]


@pytest.mark.parametrize("potential", [None, "auto"])
def test_each_crystal_gets_its_potential(loads, potential):
    results = list(compute(mixed(), potential, workers=1))
    assert names(results) == EXPECTED
    assert [result.record["status"] for result in results][::3] == ["ok", "ok"]


def test_nothing_is_loaded_that_is_not_needed(loads):
    assert names(compute(bulk("Cu", a=3.6))) == [DEFAULT_POTENTIAL]
    assert set(loads) == {DEFAULT_POTENTIAL}
    loads.clear()
    assert names(compute([Unreadable("bad", "nowhere", "no such file")])) == ["auto"]
    assert not loads


def test_a_named_potential_computes_all(loads):
    assert set(names(compute(mixed(), "emt", workers=1))) == {"emt"}


def test_in_lockstep_each_crystal_gets_its_potential(loads, monkeypatch):
    from cijkl.response import computation

    alone = [result.record["C"] for result in compute(mixed(), workers=1)]
    monkeypatch.setattr(computation, "_cuda_by_default", lambda: True)
    together = list(compute(mixed()))
    assert names(together) == EXPECTED
    assert [result.record["C"] for result in together] == alone


def test_lanes_take_turns_and_draw_lazily(emt):
    drawn = []

    def items():
        for number in range(40):
            drawn.append(number)
            yield number

    def start(number):
        def algorithm():
            yield [bulk("Cu")]
            return number

        return lambda clock: algorithm()

    loaded = []

    def load(name):
        loaded.append(name)
        return emt

    found = by_lane(items(), lambda n: "even" if n % 2 == 0 else "odd", start, load)
    next(found)
    assert loaded == ["even"]
    assert len(drawn) <= 41
    seen = [next(found) for _ in range(10)]
    assert {number % 2 for _, number in seen} == {0, 1}
    rest = [*seen, *found]
    assert all(position == number for position, number in rest)
    assert len(rest) == 39
    assert sorted(loaded) == ["even", "odd"]


def test_without_dispersion_a_molecular_crystal_fails_and_the_others_do_not(monkeypatch):
    def load(name, dtype="float32"):
        if name == MOLECULAR_POTENTIAL:
            raise MissingPackageError("'d3' needs the package dftd3: pip install dftd3")
        return Named(name)

    monkeypatch.setattr("cijkl.potentials.load", load)
    results = list(compute(mixed(), workers=1))
    assert names(results) == EXPECTED
    assert results[0].ok
    assert not results[1].ok
    assert MOLECULAR_POTENTIAL in results[1].record["error"]
    assert "pip install dftd3" in results[1].record["error"]


@pytest.mark.parametrize(
    ("potential", "doubted"),
    [("sevennet-l3i5", True), ("chgnet", True), ("chgnet+d3", False), ("gfn2-xtb", False)],
)
def test_a_molecular_crystal_without_dispersion_is_doubted(potential, doubted):
    (result,) = compute(nitrogen(), Named(potential))
    codes = [note["code"] for note in result.record["warnings"]]
    assert ("no_dispersion" in codes) == doubted
    (result,) = compute(bulk("Cu", a=3.6), Named(potential))
    assert not result.record["warnings"]


def test_the_cell_is_chosen_by_the_crystal(monkeypatch):
    monkeypatch.setattr(choice, "MOLECULAR_CELL", "given")
    copper = Crystal("Cu", bulk("Cu", a=3.6), "here")
    molecules = Crystal("N2", nitrogen(), "here")

    def relaxes(crystal, cell, pressure=0.0):
        settings = ComputeSettings(relax=RelaxSettings(pressure=pressure))
        return Choice("emt", cell, None, settings).settings_for(crystal).relax.cell

    assert relaxes(copper, "auto")
    assert not relaxes(molecules, "auto")
    assert relaxes(molecules, "auto", 1.0)
    assert relaxes(molecules, "relaxed")
    assert not relaxes(copper, "given")


def test_a_pressure_needs_a_cell_that_relaxes(emt):
    with pytest.raises(InputError, match="pressure of 2 GPa needs a cell that relaxes"):
        compute(bulk("Cu"), emt, cell="given", pressure=2.0)


def test_an_unknown_cell(emt):
    with pytest.raises(InputError, match="'auto', 'relaxed' or 'given', not 'fixed'"):
        compute(bulk("Cu"), emt, cell="fixed")


def test_a_crystal_that_is_wrong_is_said_to_be_wrong(loads):
    atoms = Atoms("N2", positions=[[0, 0, 0], [0, 0, 0]], cell=[4, 4, 4], pbc=True)
    (result,) = compute(atoms)
    assert not result.ok
    assert "apart" in result.record["error"]


@pytest.mark.slow  # worker processes, with the networks
def test_worker_processes_choose_too():
    found = list(compute([EXAMPLES / "silicon.cif", EXAMPLES / "urea.cif"], workers=2, fmax=0.02))
    assert names(found) == [DEFAULT_POTENTIAL, MOLECULAR_POTENTIAL]
    assert all(result.ok for result in found)
