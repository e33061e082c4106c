"""What should not be learned from is found: layers in vacuum, stiffnesses in other axes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, graphene, mx2
from numpy.typing import NDArray

from cijkl.datasets import Example, drop_layers, drop_misfits, symmetry_misfit
from cijkl.elasticity import from_constants, rotate
from cijkl.structures import Crystal

SILICON = from_constants("cubic", {"C11": 165.7, "C12": 63.9, "C44": 79.6})


def example(name: str, atoms: Atoms, stiffness: NDArray[np.float64] | None = None) -> Example:
    return Example(Crystal(name, atoms, ""), {"K_VRH": 97.8}, stiffness)


def test_layers_are_found_among_bulk_crystals():
    sheet = mx2("MoS2", vacuum=10.0)
    sheet.pbc = True
    flat = graphene(vacuum=8.0)
    flat.pbc = True
    graphite = graphene(vacuum=1.67)
    graphite.pbc = True
    structures = {"Si": bulk("Si"), "MoS2": sheet, "C": flat, "graphite": graphite}
    examples = [
        Example(Crystal(name, atoms, ""), {"K_VRH": 9.0}) for name, atoms in structures.items()
    ]
    kept, dropped = drop_layers(examples)
    assert [e.id for e in kept] == ["Si", "graphite"]
    assert [e.id for e in dropped] == ["MoS2", "C"]


def turn_about_z(degrees: float) -> NDArray[np.float64]:
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def test_a_stiffness_in_other_axes_is_found():
    turned = rotate(SILICON, turn_about_z(45.0))
    atoms = bulk("Si")
    examples = [example("right", atoms, SILICON), example("turned", atoms, turned)]
    kept, dropped = drop_misfits([*examples, example("none", atoms)])
    assert [e.id for e in kept] == ["right", "none"]
    assert [e.id for e in dropped] == ["turned"]
    assert symmetry_misfit(examples[0]) < 1e-6
    assert math.isnan(symmetry_misfit(example("none", atoms)))


def test_crystal_and_stiffness_turned_together_fit():
    atoms = bulk("Si")
    rotation = turn_about_z(23.0)
    atoms.set_cell(atoms.cell.array @ rotation.T, scale_atoms=True)
    assert symmetry_misfit(example("a", atoms, rotate(SILICON, rotation))) < 1e-6
    assert symmetry_misfit(example("a", atoms, SILICON)) > 0.05


def test_the_misfit_of_a_turned_cubic_crystal():
    """Closed form for 45 degrees about z, with the anisotropy H = C11 - C12 - 2 C44.

    C11 and C22 change by -H/2, C12 and C66 by H/2. The mean over the cubic group keeps -H/3 of each
    C11, H/6 of each C12 and of each C44, and leaves a rest of norm H sqrt(7/6) in Mandel form.
    """
    turned = rotate(SILICON, turn_about_z(45.0))
    h = 165.7 - 63.9 - 2 * 79.6
    assert turned[0, 0] == pytest.approx(165.7 - h / 2)
    whole = math.sqrt(3 * 165.7**2 + 6 * 63.9**2 + 12 * 79.6**2)
    expected = abs(h) * math.sqrt(7 / 6) / whole
    assert symmetry_misfit(example("a", bulk("Si"), turned)) == pytest.approx(expected)
