"""Hydrogen atoms that a structure ought to have: bond orders counted against valences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cijkl.structures.bonds import Pairs, covalent_radii, pairs_within
from cijkl.structures.molecules import components

if TYPE_CHECKING:
    from ase import Atoms
    from numpy.typing import NDArray

__all__ = ["doubtful_atoms", "missing_hydrogens", "unsaturated_atoms"]

H, C, N, O, F = 1, 6, 7, 8, 9  # noqa: E741 - chemical symbols
#: lengths of single bonds, A (International Tables C, section 9.5, rounded)
SINGLE = {
    (C, C): 1.53, (C, N): 1.47, (C, O): 1.43, (N, N): 1.45, (N, O): 1.40, (O, O): 1.47,
    (C, F): 1.35, (C, 15): 1.84, (C, 16): 1.81, (C, 17): 1.75, (C, 34): 1.95,
    (C, 35): 1.91, (C, 53): 2.11, (N, 16): 1.70,
}  # fmt: skip
#: bond order is exp((single - length) / SOFTNESS); Pauling's 0.71 A per decade, 0.31, fitted to
#: carbon-carbon bonds (1.53, 1.40, 1.33, 1.20 A for orders 1, 1.5, 2, 3)
SOFTNESS = 0.30
#: X-ray diffraction puts hydrogen 0.1 A too close, so a bond to it counts as one, whatever length
HYDROGEN_BOND_ORDER = 1.0
#: valences of neutral atoms
VALENCE = {C: 4.0, N: 3.0, O: 2.0}
#: an atom that lacks more than this of its valence is unsaturated. In 400 complete molecular
#: crystals carbon lacks at most 0.25, oxygen 0.33 (0.46 on nitrogen), nitrogen 0.33; without one
#: hydrogen carbon lacks 0.57 or more and a carboxyl oxygen 0.45 or more. Anions of nitrogen
#: (0.6) overlap with amides, so nitrogen is judged loosely.
SHORTFALL = {C: 0.45, N: 0.65, O: 0.42}
#: bent nitrogen with two bonds may bear hydrogen above this. With it 270 atoms of 220 crystals lack
#: -0.08 or more, without it 314 lack 0.20 or less, half of them -0.08 or more
DOUBTFUL = -0.1
#: oxygen on nitrogen (N-oxides), or one of three on a carbon (carbonate)
SHORTFALL_ODD_OXYGEN = 0.7
#: elements beside which a free valence is no bond to a metal
NONMETALS = frozenset((1, 2, 5, 6, 7, 8, 9, 10, 14, 15, 16, 17, 18, 33, 34, 35, 36, 52, 53, 54))


def missing_hydrogens(atoms: Atoms) -> tuple[int, float]:
    """Count heavy atoms of an organic crystal that seem to lack hydrogen.

    Returns
    -------
    tuple
        Number of atoms, and the sum of what they lack, about the number of hydrogen atoms that are
        missing. (0, 0.0) for crystals without carbon or with too few judged atoms.
    """
    found, lacking = unsaturated_atoms(atoms)
    return int(found.sum()), float(lacking[found].sum())


def unsaturated_atoms(atoms: Atoms) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Tell which heavy atoms of an organic crystal seem to lack hydrogen, and how much.

    Carbon, nitrogen and oxygen of molecules and chains are judged where bond orders follow from
    lengths (`SINGLE`) and no metal is near, to which a free valence could belong. The two equal
    bonds of a carboxylate count 1.8 each, so that a charge is not taken for a missing atom.

    Returns
    -------
    tuple
        (n,) whether an atom is unsaturated, and (n,) its valence less its bond orders.
    """
    numbers = atoms.numbers
    carbon = numbers == C
    nothing = np.zeros(len(atoms), dtype=bool), np.zeros(len(atoms))
    if not carbon.any():
        return nothing
    near = pairs_within(atoms, 3.3)
    judged, orders = _bond_orders(numbers, near)
    lacking = np.array([VALENCE.get(int(z), 0.0) for z in numbers]) - orders
    allowed = np.array([SHORTFALL.get(int(z), np.inf) for z in numbers])
    from_oxygen = near.where((numbers[near.i] == O) & (near.distance < 1.6))
    oxygens = np.bincount(from_oxygen.j, minlength=len(numbers))
    odd = (numbers[from_oxygen.j] == N) | (oxygens[from_oxygen.j] > 2)
    allowed[from_oxygen.i[odd]] = SHORTFALL_ODD_OXYGEN
    unsaturated = judged & (lacking > allowed)
    # lone carbon monoxide has a bond order of three and is complete
    unsaturated &= ~_carbon_monoxide(numbers, near)
    if not (judged & carbon).any() or not unsaturated.any():
        return nothing
    for component in components(atoms):
        if component.dimension > 1:
            unsaturated[component.atoms] = False
    return unsaturated, lacking


def doubtful_atoms(atoms: Atoms) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Tell which atoms may or may not lack hydrogen, as far as lengths of bonds go.

    Returns
    -------
    tuple
        Nitrogen with two bonds, none to hydrogen, as in pyrrole or pyridine (indices); and oxygen
        of carboxyl groups without hydrogen, acid or ion (indices).
    """
    numbers = atoms.numbers
    near = pairs_within(atoms, 3.3)
    judged, orders = _bond_orders(numbers, near)
    radii = covalent_radii(numbers)
    linked = near.where(near.distance < 1.25 * (radii[near.i] + radii[near.j]))
    degree = np.bincount(linked.i, minlength=len(numbers))
    bare = np.bincount(linked.i[numbers[linked.j] == H], minlength=len(numbers)) == 0
    nitrogen = (numbers == N) & judged & bare & (degree == 2)
    nitrogen &= VALENCE[N] - orders > DOUBTFUL
    end = (numbers == O) & bare & (degree == 1)
    ends = np.bincount(linked.i[end[linked.j]], minlength=len(numbers))
    held = linked.i[(numbers[linked.j] == C) & (ends[linked.j] == 2)]
    oxygen = np.zeros(len(numbers), dtype=bool)
    oxygen[held] = True
    # carbon dioxide has two such atoms and no third bond
    third = linked.i[(numbers[linked.j] == C) & (degree[linked.j] == 3)]
    oxygen &= end & np.isin(np.arange(len(numbers)), third)
    return np.flatnonzero(nitrogen), np.flatnonzero(oxygen)


def _bond_orders(
    numbers: NDArray[np.int_], near: Pairs
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Give which atoms can be judged, and the sum of their bond orders."""
    radii = covalent_radii(numbers)
    reach = radii[near.i] + radii[near.j]
    bonded = near.distance < 1.25 * reach
    orders = np.zeros(len(numbers))
    known = np.isin(numbers, (C, N, O))
    for i, j, distance in zip(near.i[bonded], near.j[bonded], near.distance[bonded], strict=True):
        pair = (min(int(numbers[i]), int(numbers[j])), max(int(numbers[i]), int(numbers[j])))
        if H in pair:
            orders[i] += HYDROGEN_BOND_ORDER
        elif pair in SINGLE:
            orders[i] += np.exp((SINGLE[pair] - distance) / SOFTNESS)
        else:
            known[i] = False
    metal = ~np.isin(numbers, list(NONMETALS))
    known[near.i[metal[near.j] & (near.distance < reach + 0.8)]] = False
    return known, orders


def _carbon_monoxide(numbers: NDArray[np.int_], near: Pairs) -> NDArray[np.bool_]:
    close = (near.distance < 1.18) & (numbers[near.i] == C) & (numbers[near.j] == O)
    heavy = (near.distance < 1.8) & (numbers[near.i] == C)
    degree = np.bincount(near.i[heavy], minlength=len(numbers))
    found = np.zeros(len(numbers), dtype=bool)
    found[near.i[close]] = True
    found &= degree == 1
    return found
