"""Motions of space that map crystals: found where there is one, and only there."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, make_supercell

from cijkl.screening.fingerprint import profile, same
from cijkl.screening.isometry import isometric

A = 3.82


def stacking(order: str) -> Atoms:
    """A polytype of ZnS: double layers at the places A, B and C, zinc above sulphur."""
    places = {"A": (0.0, 0.0), "B": (1 / 3, 2 / 3), "C": (2 / 3, 1 / 3)}
    height = A * (2 / 3) ** 0.5
    cell = [[A, 0, 0], [-A / 2, A * 3**0.5 / 2, 0], [0, 0, height * len(order)]]
    sites = [(*places[name], number / len(order)) for number, name in enumerate(order)]
    zinc = [(x, y, z + 0.75 / len(order)) for x, y, z in sites]
    symbols = ["S"] * len(sites) + ["Zn"] * len(zinc)
    return Atoms(symbols, scaled_positions=[*sites, *zinc], cell=cell, pbc=True)


def moved(atoms: Atoms, seed: int, reflected: bool = False) -> Atoms:
    rng = np.random.default_rng(seed)
    result = make_supercell(atoms, [[1, 1, 0], [0, 1, 0], [1, 0, 2]])
    result = result[rng.permutation(len(result))]
    result.positions += rng.uniform(-3, 3, 3)
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    if (np.linalg.det(turn) < 0) != reflected:
        turn = -turn
    result.set_cell(result.cell.array @ turn.T, scale_atoms=False)
    result.positions = result.positions @ turn.T
    return result


#: 3C, 2H, 4H, 6H, 9R and one of fifteen layers
ORDERS = ["ABC", "AB", "ABAC", "ABCACB", "ABACACBCB", "ABCACBCABACABCB"]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("reflected", [False, True])
def test_a_crystal_is_found_in_another_place(order, reflected):
    atoms = stacking(order)
    assert isometric(atoms, moved(atoms, len(order), reflected))


@pytest.mark.parametrize(("first", "second"), combinations(ORDERS, 2))
def test_layers_in_another_order_are_another_crystal(first, second):
    assert not isometric(stacking(first), stacking(second))


def test_stackings_that_near_neighbours_cannot_tell():
    first, second = stacking("ABABABABC"), stacking("ABABABCBC")
    assert same(profile(first), profile(second))
    assert not isometric(first, second)


def test_the_order_of_layers_may_be_read_backwards_or_from_another_layer():
    assert isometric(stacking("ABCACB"), stacking("BCACBA"))
    assert isometric(stacking("ABAC"), stacking("CACB"))


def test_rounding_is_forgiven_and_a_shift_of_an_atom_is_not():
    quartz_like = stacking("ABAC")
    rounded = quartz_like.copy()
    rounded.set_cell(rounded.cell.array.round(4))
    rounded.set_scaled_positions(rounded.get_scaled_positions().round(4))
    assert isometric(quartz_like, rounded)
    shifted = quartz_like.copy()
    shifted.positions[0] += [0.0, 0.0, 0.08]
    assert not isometric(quartz_like, shifted)


def test_elements_count():
    zinc_blende = bulk("ZnS", "zincblende", a=5.41)
    assert not isometric(zinc_blende, bulk("ZnSe", "zincblende", a=5.41))
    # exchanged, it is its own mirror image
    exchanged = zinc_blende.copy()
    exchanged.symbols = ["S", "Zn"]
    assert isometric(zinc_blende, exchanged)
