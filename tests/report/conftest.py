"""Records as the contract defines them, for crystals whose constants are measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from ase import Atoms
from ase.spacegroup import crystal

from cijkl.elasticity import anisotropy, averages, engineering
from cijkl.elasticity.acoustics import debye_temperature, sound_velocities
from cijkl.elasticity.extrema import extrema
from cijkl.elasticity.stability import eigenvalues

Record = dict[str, Any]


@pytest.fixture(scope="session")
def quartz_atoms() -> Atoms:
    """Alpha-quartz, space group P3_2 2 1 (Levien et al. 1980, Am. Mineral. 65, 920)."""
    return crystal(
        ["Si", "O"],
        [(0.4697, 0.0, 0.0), (0.4135, 0.2669, 0.1191 + 2.0 / 3.0)],
        spacegroup=154,
        cellpar=[4.916, 4.916, 5.4054, 90, 90, 120],
    )


@pytest.fixture(scope="session")
def quartz_stiffness() -> np.ndarray:
    """Measured constants of alpha-quartz, GPa (Heyliger et al. 2003, JASA 114, 644)."""
    c11, c12, c13, c14, c33, c44 = 87.26, 6.57, 11.95, -17.18, 105.8, 57.15
    c = np.zeros((6, 6))
    c[:2, :2] = [[c11, c12], [c12, c11]]
    c[:3, 2] = c[2, :3] = (c13, c13, c33)
    c[3, 3] = c[4, 4] = c44
    c[5, 5] = (c11 - c12) / 2.0
    c[0, 3] = c[3, 0] = c[4, 5] = c[5, 4] = c14
    c[1, 3] = c[3, 1] = -c14
    return c


@pytest.fixture(scope="session")
def silicon_stiffness() -> np.ndarray:
    """Measured constants of silicon, GPa (McSkimin and Andreatch 1964)."""
    c = np.zeros((6, 6))
    c[:3, :3] = 63.9
    c[[0, 1, 2], [0, 1, 2]] = 165.7
    c[[3, 4, 5], [3, 4, 5]] = 79.6
    return c


@pytest.fixture(scope="session")
def make_record() -> Callable[..., Record]:
    """Function that composes a record from a stiffness and facts of the crystal."""
    return compose


def compose(stiffness: np.ndarray, **facts: Any) -> Record:
    """Record of a stiffness by the contract; `facts` replace top-level entries."""
    values = averages.moduli(stiffness)
    bulk, shear = float(values["K"]["hill"]), float(values["G"]["hill"])
    percent = anisotropy.percent_anisotropy(stiffness)
    structure = facts.get("structure") or {}
    density, volume = structure.get("density"), structure.get("volume")
    acoustics = None
    if density:
        v_l, v_t, v_mean = (float(v) for v in sound_velocities(bulk, shear, density))
        theta = float(debye_temperature(v_mean, structure["natoms"] / volume))
        acoustics = {"v_l": v_l, "v_t": v_t, "v_mean": v_mean, "debye_temperature": theta}
    record: Record = {
        "schema": 1,
        "id": "crystal",
        "formula": "X",
        "source": "typed",
        "status": "ok",
        "error": None,
        "warnings": [],
        "structure": structure or None,
        "C": stiffness.tolist(),
        "frame": "ieee",
        "stable": bool(eigenvalues(stiffness)[0] > 0),
        "eigenvalues": eigenvalues(stiffness).tolist(),
        "moduli": {k: {a: float(v) for a, v in row.items()} for k, row in values.items()},
        "anisotropy": {
            "universal": float(anisotropy.universal_anisotropy(stiffness)),
            "log_euclidean": float(anisotropy.log_euclidean_anisotropy(stiffness)),
            "percent_K": float(percent[0]),
            "percent_G": float(percent[1]),
            "zener": None,
        },
        "directional": {key: _extremes(stiffness, key) for key in ("E", "beta", "G", "nu")},
        "acoustics": acoustics,
        "engineering": {
            "pugh": bulk / shear,
            "cauchy_pressure": float(engineering.cauchy_pressure(stiffness)),
            "hardness": {
                "chen": float(engineering.chen_hardness(bulk, shear)),
                "tian": float(engineering.tian_hardness(bulk, shear)),
                "teter": float(engineering.teter_hardness(shear)),
                "miao": float(engineering.miao_hardness(bulk, shear)),
                "jiang": float(engineering.jiang_hardness(shear)),
            },
            "fracture_toughness": {"niu": 1.4},
            "thermal_conductivity": {"clarke": 1.2, "cahill": 1.5, "agne": 0.9, "slack": None},
        },
        "uncertainty": None,
        "engine": {
            "name": "analyze",
            "version": "0.1.0",
            "settings": {},
            "seconds": 0.012,
            "evaluations": 0,
        },
    }
    return record | facts


def _extremes(stiffness: np.ndarray, quantity: str) -> Record:
    second = {"G": "normal", "nu": "transverse"}.get(quantity)
    found = extrema(stiffness, quantity)
    result: Record = {}
    for side in ("min", "max"):
        extreme = getattr(found, side)
        result[side] = {
            "value": float(extreme.value),
            "direction": np.asarray(extreme.direction).tolist(),
        }
        if second:
            result[side][second] = np.asarray(extreme.second).tolist()
    return result


@pytest.fixture(scope="session")
def quartz_record(quartz_stiffness: np.ndarray, quartz_atoms: Atoms) -> Record:
    """Record as `compute` would write it, with warnings, relaxation and response."""
    volume = float(quartz_atoms.get_volume())
    return compose(
        quartz_stiffness,
        id="alpha-quartz",
        formula="SiO2",
        source="quartz.cif",
        warnings=[
            {
                "code": "step_sensitivity",
                "message": "C14 changes by 1.2 GPa when the strain step is doubled: the potential "
                "is rough there, so do not trust its last digits.",
            }
        ],
        structure={
            "natoms": len(quartz_atoms),
            "volume": volume,
            "density": 2.648,
            "spacegroup": 154,
            "crystal_system": "trigonal",
        },
        relaxation={
            "converged": True,
            "steps": 14,
            "evaluations": 15,
            "seconds": 3.21,
            "fmax": 0.00061,
            "pressure": 0.0042,
            "volume_change_percent": 1.31,
            "rmsd": 0.021,
        },
        response={
            "method": "linear",
            "evaluations": 38,
            "seconds": 5.4,
            "strains": 2,
            "cg_iterations": 17,
            "asymmetry": 0.012,
            "C_error": (0.01 * np.abs(quartz_stiffness)).tolist(),
        },
        engine={
            "name": "sevennet-l3i5",
            "version": "0.13.0",
            "settings": {"fmax": 0.001, "pressure": 0.0, "method": "linear", "step": 0.002},
            "seconds": 9.1,
            "evaluations": 53,
        },
    )


@pytest.fixture(scope="session")
def silicon_record(silicon_stiffness: np.ndarray) -> Record:
    """Record as `analyze` writes it when only the tensor is known."""
    return compose(silicon_stiffness, id="silicon", formula="Si", frame="input")


@pytest.fixture(scope="session")
def failed_record() -> Record:
    """Record of a crystal that gave no tensor."""
    return {
        "schema": 1,
        "id": "bad-0001",
        "formula": "C6H6",
        "source": "bad.cif",
        "status": "failed",
        "error": "two atoms are 0.31 A apart, expected at least 0.5 A: check the positions",
        "warnings": [{"code": "close_atoms", "message": "Atoms 3 and 7 are 0.31 A apart."}],
        "engine": {"name": "sevennet-l3i5", "version": "0.13.0"},
    }
