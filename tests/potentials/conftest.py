"""Crystals, and the one check that every potential must pass: gradients of its own energy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.spacegroup import crystal


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)


def _perfect() -> dict[str, Atoms]:
    return {
        "silicon": bulk("Si", "diamond", a=5.431),
        "halite": bulk("NaCl", "rocksalt", a=5.640),
        # Lewis, Schwarzenbach, Flack, Acta Cryst. A 38, 733 (1982)
        "corundum": crystal(
            ["Al", "O"],
            [(0, 0, 0.35216), (0.30624, 0, 0.25)],
            spacegroup=167,
            cellpar=[4.7602, 4.7602, 12.9933, 90, 90, 120],
            primitive_cell=True,
        ),
        # Swaminathan, Craven, McMullan, Acta Cryst. B 40, 300 (1984), 12 K
        "urea": crystal(
            ["C", "O", "N", "H", "H"],
            [
                (0, 0.5, 0.3280),
                (0, 0.5, 0.5962),
                (0.1459, 0.6459, 0.1784),
                (0.2575, 0.7575, 0.2862),
                (0.1441, 0.6441, -0.0380),
            ],
            spacegroup=113,
            cellpar=[5.565, 5.565, 4.684, 90, 90, 90],
        ),
    }


def _distorted(atoms: Atoms, seed: int) -> Atoms:
    generator = np.random.default_rng(seed)
    copy = atoms.copy()
    strain = 0.01 * generator.standard_normal((3, 3))
    copy.set_cell(copy.cell @ (np.eye(3) + strain), scale_atoms=True)
    copy.positions += 0.03 * generator.standard_normal(copy.positions.shape)
    return copy


@pytest.fixture(scope="session")
def crystals() -> dict[str, Atoms]:
    """Four crystals without any symmetry left, so that nothing vanishes by it."""
    return {name: _distorted(atoms, i) for i, (name, atoms) in enumerate(_perfect().items())}


@pytest.fixture(scope="session")
def silicon() -> Atoms:
    return _perfect()["silicon"]


@pytest.fixture(scope="session")
def check_gradients() -> Callable[..., None]:
    """Forces and stress against central differences of the energy, along random directions."""

    def check(potential, atoms: Atoms, *, step: float, rtol: float, seed: int = 7) -> None:
        generator = np.random.default_rng(seed)
        result = potential.evaluate([atoms])[0]
        shift = generator.standard_normal((len(atoms), 3))
        shift /= np.linalg.norm(shift)
        strain = generator.standard_normal((3, 3))
        strain = (strain + strain.T) / np.linalg.norm(strain + strain.T)

        def displaced(sign: int) -> Atoms:
            copy = atoms.copy()
            copy.positions += sign * step * shift
            return copy

        def strained(sign: int) -> Atoms:
            copy = atoms.copy()
            copy.set_cell(copy.cell @ (np.eye(3) + sign * step * strain), scale_atoms=True)
            return copy

        configurations = [make(sign) for make in (displaced, strained) for sign in (1, -1)]
        a, b, c, d = (each.energy for each in potential.evaluate(configurations))
        by_shift = -np.sum(result.forces * shift)
        by_strain = atoms.get_volume() * np.sum(result.stress * strain)
        assert (a - b) / (2 * step) == pytest.approx(by_shift, rel=rtol)
        assert (c - d) / (2 * step) == pytest.approx(by_strain, rel=rtol)

    return check
