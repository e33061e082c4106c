"""Records as the contract defines them, for crystals whose constants are measured."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ase import Atoms
from ase.build import graphene
from ase.spacegroup import crystal

from cijkl.analysis import analyze
from cijkl.errors import Diagnostic

Record = dict[str, Any]

WARNING = (
    "C14 changes by 1.2 GPa when the strain step is doubled: the potential is rough there, so do "
    "not trust its last digits."
)


@pytest.fixture(scope="session")
def quartz_atoms() -> Atoms:
    """Alpha-quartz, space group P3_2 2 1 (Levien et al. 1980, Am. Mineral. 65, 920)."""
    return crystal(
        ["Si", "O"],
        [(0.4697, 0.0, 2.0 / 3.0), (0.4135, 0.2669, 0.1191 + 2.0 / 3.0)],
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
def quartz_record(quartz_stiffness: np.ndarray, quartz_atoms: Atoms) -> Record:
    """Record as `compute` would write it, with warnings, relaxation and response."""
    record = analyze(
        quartz_stiffness,
        quartz_atoms,
        id="alpha-quartz",
        source="quartz.cif",
        hkl=[(1, 0, 1), (0, 0, 1)],
        warnings=[Diagnostic("step_sensitivity", WARNING)],
    ).record
    parts: Record = {
        "relaxation": {
            "converged": True,
            "steps": 14,
            "evaluations": 15,
            "seconds": 3.21,
            "fmax": 0.00061,
            "pressure": 0.0042,
            "volume_change_percent": 1.31,
            "rmsd": 0.021,
        },
        "response": {
            "method": "linear",
            "evaluations": 38,
            "seconds": 5.4,
            "strains": 2,
            "cg_iterations": 17,
            "asymmetry": 0.012,
            "C_error": (0.01 * np.abs(quartz_stiffness)).tolist(),
        },
        "engine": {
            "name": "sevennet-l3i5",
            "version": "0.13.0",
            "settings": {"fmax": 0.001, "pressure": 0.0, "method": "linear", "step": 0.002},
            "seconds": 9.1,
            "evaluations": 53,
        },
    }
    return {**record, **parts}


@pytest.fixture(scope="session")
def silicon_record(silicon_stiffness: np.ndarray) -> Record:
    """Record as `analyze` writes it when only the tensor is known."""
    return {**analyze(silicon_stiffness, id="silicon", formula="Si").record}


@pytest.fixture(scope="session")
def unstable_record(silicon_stiffness: np.ndarray) -> Record:
    """Record of a tensor with C44 below zero."""
    stiffness = silicon_stiffness.copy()
    stiffness[[3, 4, 5], [3, 4, 5]] = -5.0
    return {**analyze(stiffness, id="unstable", formula="Si").record}


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


def _layer(stiffness: np.ndarray, period: float = 15.0) -> Record:
    """Record of a layer of carbon with given constants, N/m."""
    atoms = graphene(a=2.46, vacuum=period / 2)
    atoms.pbc = True
    whole = np.zeros((6, 6))
    whole[np.ix_([0, 1, 5], [0, 1, 5])] = 10.0 * stiffness / period
    return {**analyze(whole, atoms, id="sheet").record}


@pytest.fixture(scope="session")
def layer_record() -> Record:
    """Graphene (Wei et al. 2009, Phys. Rev. B 80, 205407)."""
    return _layer(np.array([[358.1, 60.4, 0], [60.4, 358.1, 0], [0, 0, 148.85]]))


@pytest.fixture(scope="session")
def unstable_layer() -> Record:
    """A layer whose C12 is above its C11."""
    return _layer(np.array([[60.0, 80.0, 0], [80.0, 60.0, 0], [0, 0, -10.0]]))
