"""Molecules found in a graph against those found from the cell and its translations."""

from __future__ import annotations

import pytest
from ase import Atoms
from ase.build import bulk, graphene
from ase.spacegroup import crystal

from cijkl.models.domain.graph_molecules import is_molecular
from cijkl.models.graphs import GraphSettings, crystal_graph
from cijkl.structures import is_molecular as reference
from cijkl.structures import molecules


def carbon_dioxide():
    """Solid CO2, Pa-3 (de Smedt and Keesom 1924, with modern distances)."""
    return crystal(
        ["C", "O"],
        [(0, 0, 0), (0.1185, 0.1185, 0.1185)],
        spacegroup=205,
        cellpar=[5.624] * 3 + [90] * 3,
    )


def nitrogen_chain():
    """Cis-trans chains of nitrogen, which bonds hold together along one axis only."""
    return Atoms("N2", [(0, 0, 0), (1.1, 0.7, 0)], cell=[2.2, 6.0, 6.0], pbc=True)


def iodine():
    """I2 molecules across the faces of the cell."""
    return Atoms("I2", [(0.2, 0, 0), (5.7, 0, 0)], cell=[8.2, 4.8, 4.8], pbc=True)


CRYSTALS = {
    "CO2": (carbon_dioxide, True),
    "chain": (nitrogen_chain, False),
    "I2 across a face": (iodine, True),
    "quartz": (
        lambda: crystal(
            ["Si", "O"],
            [(0.4697, 0, 0), (0.4133, 0.2672, 0.1188)],
            spacegroup=152,
            cellpar=[4.916, 4.916, 5.405, 90, 90, 120],
        ),
        False,
    ),
    "graphite": (lambda: graphene(a=2.46, vacuum=1.7), False),
    "argon": (lambda: bulk("Ar"), False),
    "salt": (lambda: bulk("NaCl", "rocksalt", a=5.64), False),
    "diamond": (lambda: bulk("C"), False),
}


@pytest.mark.parametrize("name", CRYSTALS)
@pytest.mark.parametrize("repeat", [1, 2])
def test_molecules(name, repeat):
    build, expected = CRYSTALS[name]
    atoms = build()
    atoms.pbc = True
    atoms = atoms * (repeat, 1, 1)
    graph = crystal_graph(atoms, GraphSettings("shells", 24))
    assert is_molecular(graph) is expected
    assert reference(atoms) is expected


def test_the_molecules_are_what_they_are_said_to_be():
    assert [len(m) for m in molecules(carbon_dioxide())] == [3] * 4
    assert [len(m) for m in molecules(iodine())] == [2]
