"""Molecular crystals from published coordinates, for the tests of this folder."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from ase import Atoms
from ase.spacegroup import crystal

from cijkl.structures import read

EXAMPLES = Path(__file__).parents[2] / "examples"


def urea() -> Atoms:
    """Urea, P-42_1m, at 12 K."""
    return next(iter(read(EXAMPLES / "urea.cif"))).atoms  # type: ignore[union-attr]


def benzene() -> Atoms:
    """Benzene, Pbca: Bacon, Curry and Wilson, Proc. R. Soc. A 279, 98 (1964), at 218 K."""
    sites = [
        (-0.0569, 0.1387, -0.0054), (-0.1335, 0.0460, 0.1264), (-0.0774, -0.0925, 0.1295),
        (-0.0976, 0.2447, -0.0177), (-0.2409, 0.0794, 0.2218), (-0.1371, -0.1631, 0.2312),
    ]  # fmt: skip
    atoms = crystal("CCCHHH", sites, spacegroup=61, cellpar=[7.44, 9.55, 6.92, 90, 90, 90])
    return Atoms(atoms.symbols, cell=atoms.cell, positions=atoms.positions, pbc=True)


def dry_ice(edge: float = 5.624, u: float = 0.1185) -> Atoms:
    """Carbon dioxide I, Pa-3: Simon and Peters, Acta Cryst. B36, 2750 (1980), at 150 K."""
    centres = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    axes = np.array([[1, 1, 1], [-1, 1, -1], [-1, -1, 1], [1, -1, -1]])
    places = np.vstack([centres, centres + u * axes, centres - u * axes])
    return Atoms("C4O8", cell=[edge] * 3, scaled_positions=places, pbc=True)


def dry_ice_three() -> Atoms:
    """Carbon dioxide III, Cmce at 11.8 GPa: Aoki et al., Science 263, 356 (1994), cell.

    The molecules lie in planes across a, tilted by 52 degrees from c; C-O as in phase I.
    """
    a, b, c = 4.330, 4.657, 5.963
    y, z = 1.154 * np.array([np.sin(np.radians(52.0)), np.cos(np.radians(52.0))]) / np.array([b, c])
    atoms = crystal("CO", [(0, 0, 0), (0, y, z)], spacegroup=64, cellpar=[a, b, c, 90, 90, 90])
    return Atoms(atoms.symbols, cell=atoms.cell, positions=atoms.positions, pbc=True)


def rearranged(atoms: Atoms, seed: int, basis: np.ndarray | None = None) -> Atoms:
    """The same crystal turned, moved, with its atoms in another order and in another cell."""
    from scipy.spatial.transform import Rotation

    rng = np.random.default_rng(seed)
    basis = np.eye(3) if basis is None else basis
    turn = Rotation.random(random_state=seed).as_matrix()
    other = atoms[rng.permutation(len(atoms))]
    cell = basis @ atoms.cell.array @ turn.T
    positions = (other.positions + rng.uniform(-5, 5, 3)) @ turn.T
    other = Atoms(other.numbers, positions=positions, cell=cell, pbc=True)
    other.wrap()
    return other


#: a cell of the same volume with other vectors
OTHER_CELL = np.array([[1, 1, 0], [0, 1, 0], [1, 0, -1]])


@pytest.fixture(scope="session")
def crystals() -> SimpleNamespace:
    """The functions of this file."""
    return SimpleNamespace(
        urea=urea,
        benzene=benzene,
        dry_ice=dry_ice,
        dry_ice_three=dry_ice_three,
        rearranged=rearranged,
        OTHER_CELL=OTHER_CELL,
    )
