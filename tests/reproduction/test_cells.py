"""Relaxed against measured cells: table 1 of Taniguchi 2024, figure 7 of Taniguchi 2025."""

from __future__ import annotations

import json

import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.lj import LennardJones

from cijkl import potentials
from cijkl.errors import InputError
from cijkl.potentials import AseCalculator
from cijkl.reproduction import Request, reproduce
from cijkl.reproduction.cell_tables import deviations
from cijkl.reproduction.relaxed_cells import row_of

TABLE, FIGURE = "taniguchi-2024-table-1", "taniguchi-2025-fig-7"
BEFORE = [10.0, 8.0, 6.0, 90.0, 100.0, 90.0]


def facts(stretch=(1.0, 1.0, 1.0), angle=0.0, **more):
    """A record's relaxation of a monoclinic cell."""
    after = [
        *(length * s for length, s in zip(BEFORE[:3], stretch, strict=True)),
        90.0,
        100.0,
        90.0,
    ]
    after[4] += angle
    ratio = np.prod(stretch) * np.sin(np.radians(after[4])) / np.sin(np.radians(100.0))
    return {
        "converged": True,
        "cell": "relaxed",
        "rmsd15": 0.1,
        "matched15": 15,
        "cell_change": {
            "before": BEFORE,
            "after": after,
            "lengths_percent": [100.0 * (s - 1.0) for s in stretch],
            "angles_degrees": [0.0, angle, 0.0],
            "density_percent": 100.0 * (1.0 / ratio - 1.0),
        },
        **more,
    }


def write(path, **relaxations):
    lines = [{"id": k, "status": "ok", "relaxation": v} for k, v in relaxations.items()]
    path.write_text("\n".join(map(json.dumps, lines)))
    return path


def test_one_cell():
    row = row_of("x", facts((1.02, 1.0, 0.99), 5.0))
    volume = 1.02 * 0.99 * np.sin(np.radians(105)) / np.sin(np.radians(100))
    assert row.volumes[0] == pytest.approx(480 * np.sin(np.radians(100)))
    assert row.volume == pytest.approx(100 * (volume - 1))
    assert row.density == pytest.approx(100 * (1 / volume - 1))
    # the right angles are fixed by symmetry and count nothing
    assert row.angles == pytest.approx([5.0])
    assert row_of("x", facts(matched15=14)).rmsd15 is None


def test_means_over_crystals_and_what_is_common(tmp_path):
    one = write(tmp_path / "1", a=facts((1.1, 1.0, 1.0)), b=facts((0.98, 1.0, 1.0), rmsd15=0.3))
    two = write(tmp_path / "2", b=facts((1.0, 1.0, 1.0), 2.0))
    outcome = reproduce(FIGURE, Request(results={"one": one, "two": two}))
    mean, bias = outcome.table("Mean absolute"), outcome.table("Mean deviation")
    assert mean.column("one")["volume, %"] == pytest.approx(6.0)
    assert bias.column("one")["volume, %"] == pytest.approx(4.0)
    assert mean.column("one")["lengths, %"] == pytest.approx(2.0)
    assert mean.column("one")["RMSD15, A"] == pytest.approx(0.2)
    assert mean.column("two")["angles, degrees"] == pytest.approx(2.0)
    assert mean.column("distilled CHGNet, printed")["volume, %"] == 2.03
    common = outcome.table("Mean absolute deviation of the 1 crystals")
    assert common.column("one")["volume, %"] == pytest.approx(2.0)
    shown = outcome.table("Relaxed minus measured, one").rows[0]
    assert shown[:4] == pytest.approx(("a", 10.0, 100 * (1 / 1.1 - 1), 10.0))
    boxes = outcome.figures["cells"]().data
    assert len(boxes) == 10
    assert sorted(boxes[0].y) == pytest.approx([-2.0, 10.0])


def test_volumes_beside_the_print(tmp_path):
    path = write(tmp_path / "r", a=facts((1.1, 1.0, 1.0)), b=facts((0.98, 1.0, 1.0)))
    outcome = reproduce(TABLE, Request(results={"CHGNet": path}))
    assert outcome.table("Mean absolute").rows == (
        ("volume, %", pytest.approx(6.0), 25.2, pytest.approx(6.0 - 25.2), 4.3),
    )
    volumes = outcome.table("Volumes").column("CHGNet, A^3")
    assert volumes["a"] == pytest.approx(1.1 * 480 * np.sin(np.radians(100)))
    assert len(outcome.figures["volumes"]().data) == 2


def test_a_potential_relaxes_measured_cells_only(tmp_path, monkeypatch):
    """Argon by Lennard-Jones: nearest neighbours at 1.0902 sigma (Kittel, chapter 3)."""
    sigma = 3.4
    atoms = bulk("Ar", "fcc", a=5.3, cubic=True)
    line = {
        "lattice": atoms.cell.tolist(),
        "species": list(atoms.symbols),
        "frac": atoms.get_scaled_positions().tolist(),
    }
    crystals = [
        {"id": "measured", "provenance": "experimental cell", **line},
        {"id": "by-dft", "provenance": "DFT-relaxed", **line},
    ]
    path = tmp_path / "argon.jsonl"
    path.write_text("\n".join(map(json.dumps, crystals)))
    calculator = LennardJones(sigma=sigma, epsilon=0.0104, rc=8 * sigma)
    monkeypatch.setattr(potentials, "load", lambda name: AseCalculator(calculator, name))
    outcome = reproduce(TABLE, Request(structures=path, potentials=["lj"]))
    ((name, measured, relaxed, percent),) = outcome.table("Volumes").rows
    assert name == "measured"
    assert measured == pytest.approx(5.3**3)
    assert (relaxed / 4 * np.sqrt(2)) ** (1 / 3) == pytest.approx(1.0902 * sigma, rel=1e-3)
    assert percent == pytest.approx(100 * (relaxed / measured - 1))


def test_records_that_tell_nothing_are_told(tmp_path):
    path = write(
        tmp_path / "r",
        good=facts(),
        kept=facts(cell="given"),
        rough=facts(converged=False),
        salt={"converged": True, "cell": "relaxed"},
        nothing=None,
    )
    told: list[str] = []
    reproduce(FIGURE, Request(results={"r": path}, report=told.append))
    assert told == [
        "r: kept: left out: its cell was kept as given",
        "r: rough: left out: the relaxation did not converge",
        "r: salt: left out: it is no molecular crystal",
        "r: nothing: left out: no relaxation",
    ]


def test_deviations_of_packings_that_match():
    rows = {"a": row_of("a", facts(rmsd15=0.4)), "b": row_of("b", facts(rmsd15=None))}
    assert deviations(rows, "RMSD15, A") == pytest.approx([0.4])


def test_what_is_lacking_is_named(tmp_path):
    path = write(tmp_path / "r", kept=facts(cell="given"))
    for request, message in (
        (Request(), "cells need --potential"),
        (Request(models=["cijkl-net"]), "a learned model relaxes no cell"),
        (Request(potentials=["chgnet"]), "give --structures"),
        (Request(results={"r": path}), "r: no relaxed cell"),
        (Request(results={"r": path}, potentials=["r"]), "two columns are called r"),
    ):
        with pytest.raises(InputError, match=message):
            reproduce(TABLE, request)
