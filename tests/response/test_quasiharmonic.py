"""Crystals at a temperature: copper by effective medium theory, against measurements and sums."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT

from cijkl.errors import InputError, MissingPackageError
from cijkl.potentials import AseCalculator
from cijkl.response import Group, RelaxSettings, computation, compute, run
from cijkl.response.quasiharmonic_cells import held_at, scaled_to
from cijkl.response.quasiharmonic_phonons import phonons, repeats
from cijkl.structures import symmetry
from cijkl.units import ATOMIC_MASS, ELEMENTARY_CHARGE, GPA_TO_EV_PER_A3

pytest.importorskip("phonopy")


@pytest.fixture(scope="module")
def emt():
    return AseCalculator(EMT(), "emt")


@pytest.fixture(scope="module")
def copper(emt):
    """At 300 K."""
    (result,) = compute(bulk("Cu"), emt, temperature=300.0, workers=1)
    return result


def test_copper_expands(copper):
    """Volume expansion 5.0e-5/K and heat capacity 24.4 J/(mol K) at 300 K are measured."""
    assert copper.ok, copper.record["error"]
    assert copper.record["warnings"] == []
    thermal = copper.record["relaxation"]["thermal"]
    assert thermal["expansion"] == pytest.approx(5.0e-5, rel=0.4)
    assert thermal["heat_capacity"] * 96485 == pytest.approx(24.4 - 0.7, rel=0.05)
    assert thermal["volume"] > thermal["static_volume"]
    assert copper.atoms.get_volume() == pytest.approx(thermal["volume"], rel=1e-5)
    # what expansion from 0 to 300 K and the zero point together can be
    assert 1.0 < thermal["volume_change_percent"] < 3.0


def test_the_bulk_modulus_comes_out_twice(copper):
    """By linear response and what vibrations add, and by the free energy against volume."""
    stiffness = np.array(copper.record["C"])
    thermal = copper.record["relaxation"]["thermal"]
    assert stiffness[:3, :3].mean() == pytest.approx(thermal["bulk_modulus"], rel=0.01)


def test_pressures_balance(copper):
    thermal = copper.record["relaxation"]["thermal"]
    free = np.polynomial.Polynomial.fit(thermal["volumes"], thermal["free_energies"], 2)
    push = -free.deriv()(thermal["volume"]) / GPA_TO_EV_PER_A3
    assert push == pytest.approx(-thermal["static_pressure"], abs=1e-3)
    assert push > 0.5
    assert abs(copper.record["relaxation"]["residual_pressure"]) < RelaxSettings.smax


@pytest.mark.slow  # phonons at five volumes once more
def test_pressure_takes_expansion_back(copper, emt):
    thermal = copper.record["relaxation"]["thermal"]
    (pressed,) = compute(bulk("Cu"), emt, temperature=300.0, pressure=1.0, workers=1)
    changed = pressed.record["relaxation"]["thermal"]["volume"] / thermal["volume"]
    assert np.log(changed) == pytest.approx(-1.0 / thermal["bulk_modulus"], rel=0.05)


def test_the_mean_square_frequency_is_the_spring_of_one_atom(emt):
    """Sum over modes of omega^2 is the trace of the second derivatives by one atom, over its mass.

    That holds for every mesh which is finer than the forces are long.
    """
    atoms = bulk("Cu", a=3.6)
    found = run(phonons(atoms, (4, 4, 4), 0.02), emt)
    cell = atoms.repeat(4)
    moved = cell.copy()
    moved.positions[0] += [0.02, 0.0, 0.0]
    (answer,) = emt.evaluate([moved])
    spring = -answer.forces[0, 0] / 0.02 * ELEMENTARY_CHARGE * 1e20
    mass = atoms.get_masses()[0] * ATOMIC_MASS
    square = (2e12 * np.pi * found.frequencies) ** 2
    mean = np.average(square.mean(axis=1), weights=found.weights)
    assert mean == pytest.approx(spring / mass, rel=5e-3)
    assert found.imaginary == 0.0


@pytest.mark.slow  # phonons at five volumes once more
def test_imaginary_modes_are_told(emt):
    """Body-centred copper is no minimum."""
    found = run(phonons(bulk("Cu", "bcc", a=2.87), (4, 4, 4), 0.02), emt)
    assert 0.0 < found.imaginary < 1.0
    (result,) = compute(bulk("Cu", "bcc", a=2.87), emt, temperature=100.0, workers=1)
    codes = {note["code"] for note in result.record["warnings"]}
    assert "imaginary_modes" in codes


def test_a_volume_is_held_where_pressure_would_tear_the_crystal(emt):
    """Past the largest pull that copper stands no pressure holds it; a spring does."""
    start = bulk("Cu", a=3.55)
    found = symmetry(start)
    group = Group(found.rotations, found.permutations)
    pulls = []
    for a in (3.8, 4.2, 4.6):
        wanted = bulk("Cu", a=a)
        (answer,) = emt.evaluate([wanted])
        pressure = -np.trace(answer.stress) / 3.0 / GPA_TO_EV_PER_A3
        pulls.append(pressure)
        scaled = scaled_to(start, wanted.get_volume())
        # the guess of the pressure is off by a GPa, the volume by that over the spring
        relaxed = run(held_at(scaled, pressure + 1.0, 130.0, group, RelaxSettings()), emt)
        assert relaxed.atoms.get_volume() == pytest.approx(wanted.get_volume(), rel=0.003)
        (alone,) = emt.evaluate([relaxed.atoms])
        assert relaxed.evaluation.energy == pytest.approx(alone.energy, abs=1e-9)
        np.testing.assert_allclose(relaxed.evaluation.stress, alone.stress, atol=1e-9)
    assert pulls[0] > pulls[1] < pulls[2] < 0.0


def test_supercells():
    assert repeats(np.diag([3.0, 4.5, 20.0]), 9.0) == (3, 2, 1)
    # 3.84 A long, but 3.14 A between faces
    assert repeats(bulk("Si").cell.array, 9.0) == (3, 3, 3)


def test_a_temperature_needs_a_cell_that_is_free(emt, monkeypatch):
    copper = bulk("Cu")
    for options, message in (
        ({"temperature": -1.0}, "temperature must be"),
        ({"temperature": float("nan")}, "temperature must be"),
        ({"temperature": 300.0, "cell": "given"}, "leave out cell='given'"),
    ):
        with pytest.raises(InputError, match=message):
            compute(copper, emt, **options)
    graphene = Atoms(
        "C2", cell=[[2.46, 0, 0], [-1.23, 2.13, 0], [0, 0, 20]], pbc=True,
        scaled_positions=[[0, 0, 0.5], [1 / 3, 2 / 3, 0.5]],
    )  # fmt: skip
    (result,) = compute(graphene, emt, temperature=300.0, workers=1)
    assert "a layer can be treated as bulk" in result.record["error"]
    monkeypatch.setattr(computation, "find_spec", lambda name: None)
    with pytest.raises(MissingPackageError, match=r"pip install 'cijkl\[thermal\]'"):
        compute(copper, emt, temperature=300.0)


def test_settings_without_a_temperature_are_as_before(emt):
    (result,) = compute(bulk("Cu"), emt, workers=1)
    assert "thermal" not in result.record["engine"]["settings"]
    assert "thermal" not in result.record["relaxation"]
