"""Whether a crystal may be close to a higher symmetry, told without another search for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ase import Atoms
    from numpy.typing import NDArray

    from cijkl.structures.spacegroup import Symmetry

__all__ = ["may_gain_operations"]

#: distances that are tried at once; where more are needed the answer is that it may
_AFFORDABLE = 2_000_000
#: times the tolerance is looked, so that nothing is missed that spglib would accept
_MARGIN = 2.0


def may_gain_operations(atoms: Atoms, group: Symmetry, tolerance: float) -> bool:
    """Whether more operations than those of a group may map a crystal to itself.

    If not, spglib finds no more at that tolerance either; it would need some 1 to 15 ms to say so.

    Parameters
    ----------
    group
        Symmetry of `atoms` at a smaller tolerance.
    tolerance
        On positions and lattice vectors, A.

    Notes
    -----
    In a reduced basis the rotations that keep a lattice have elements -1, 0 and 1. Those that keep
    it within the tolerance and are not in the group, and the identity, are tried with each
    translation that takes one atom of the rarest element to another.
    """
    import spglib

    lattice = spglib.niggli_reduce(atoms.cell.array)
    if lattice is None:
        return True
    basis = np.rint(lattice @ np.linalg.inv(atoms.cell.array)).astype(int)
    # columns of fractional coordinates in the reduced basis
    change = np.linalg.inv(basis.T)
    known = np.rint(change @ group.fractional_rotations @ basis.T).astype(int)
    margin = _MARGIN * tolerance
    rotations = _without(_lattice_rotations(lattice, margin), known)
    fractional = atoms.get_scaled_positions(wrap=False) @ change.T
    kinds = [np.flatnonzero(atoms.numbers == z) for z in np.unique(atoms.numbers)]
    kinds.sort(key=len)
    trials = (len(rotations) + 1) * len(kinds[0]) * sum(len(kind) ** 2 for kind in kinds)
    if trials > _AFFORDABLE:
        return True
    pure = int((known == np.eye(3, dtype=int)).all((1, 2)).sum())
    tried = np.concatenate([np.eye(3, dtype=int)[None], rotations])
    found = _translations(tried, fractional, kinds, lattice, margin)
    return bool(found[0] > pure or found[1:].any())


def _lattice_rotations(lattice: NDArray[np.float64], margin: float) -> NDArray[np.int_]:
    """Integer matrices (n, 3, 3), for fractional columns, that change no metric by much."""
    steps = np.stack(np.meshgrid(*[np.arange(-1, 2)] * 3, indexing="ij"), -1).reshape(-1, 3)
    vectors = steps @ lattice
    lengths = np.linalg.norm(lattice, axis=1)
    metric = lattice @ lattice.T
    allowed = 2.0 * margin * (lengths[:, None] + lengths)
    near = np.abs((vectors**2).sum(1)[:, None] - np.diag(metric)) <= np.diag(allowed)
    images = [np.flatnonzero(near[:, axis]) for axis in range(3)]
    products = vectors @ vectors.T
    fits = np.abs(products - metric[0, 1]) <= allowed[0, 1]
    pairs = [(i, j) for i in images[0] for j in images[1][fits[i, images[1]]]]
    if not pairs:
        return np.empty((0, 3, 3), int)
    first, second = np.array(pairs).T
    third = images[2]
    ok = np.abs(products[first][:, third] - metric[0, 2]) <= allowed[0, 2]
    ok &= np.abs(products[second][:, third] - metric[1, 2]) <= allowed[1, 2]
    pair, last = np.nonzero(ok)
    rows = np.stack([steps[first[pair]], steps[second[pair]], steps[third[last]]], 1)
    rows = rows[np.abs(np.rint(np.linalg.det(rows))) == 1]
    return np.asarray(rows.swapaxes(1, 2))


def _without(matrices: NDArray[np.int_], others: NDArray[np.int_]) -> NDArray[np.int_]:
    same = (matrices[:, None] == others[None]).all((2, 3)).any(1)
    return np.asarray(matrices[~same])


def _translations(
    rotations: NDArray[np.int_],
    fractional: NDArray[np.float64],
    kinds: list[NDArray[np.intp]],
    lattice: NDArray[np.float64],
    margin: float,
) -> NDArray[np.int_]:
    """With how many translations each rotation maps all atoms to others of their kind, (n,)."""
    turned = fractional @ rotations.swapaxes(1, 2)
    rarest = kinds[0]
    # (n, k, 3), of which those that fail are left out kind by kind
    shifts = fractional[rarest] - turned[:, rarest[:1]]
    rotation, which = np.nonzero(np.ones(shifts.shape[:2], bool))
    for kind in kinds:
        images = turned[rotation][:, kind] + shifts[rotation, which][:, None]
        difference = images[:, :, None] - fractional[kind]
        difference -= np.rint(difference)
        squared = ((difference @ lattice) ** 2).sum(-1)
        fits = (squared.min(2) <= margin**2).all(1)
        rotation, which = rotation[fits], which[fits]
    return np.bincount(rotation, minlength=len(rotations))
