"""How alike two crystals pack their molecules: the RMSD of a cluster of 15 molecules."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.errors import InputError
from cijkl.structures.alignment import Tolerances, pairs, starts, superposed
from cijkl.structures.clusters import Cluster, Packed, around, packed
from cijkl.structures.fragments import correspondence

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["PackingSimilarity", "packing_similarity"]

Array = NDArray[np.float64]

_ROUNDS = 6
#: farthest that atoms of a matching molecule are moved about its centre, root mean square, A
_LARGEST_MOVE = 1.0


@dataclass(frozen=True)
class PackingSimilarity:
    """How far the clusters of two crystals agree.

    Parameters
    ----------
    matched
        Molecules of the cluster, its central one included, that are found in the other crystal.
    molecules
        Molecules of the cluster.
    rmsd
        Root mean square distance of the matched heavy atoms in the best superposition, A.
    inverted
        Whether the other crystal, which has no mirror or inversion itself, had to be inverted.
    """

    matched: int
    molecules: int
    rmsd: float
    inverted: bool

    @property
    def same(self) -> bool:
        """Whether every molecule of the cluster is matched."""
        return self.matched == self.molecules


def packing_similarity(
    first: Atoms,
    second: Atoms,
    *,
    size: int = 15,
    distance_tolerance: float = 0.2,
    angle_tolerance: float = 20.0,
    inversion: bool = True,
) -> PackingSimilarity:
    """Superpose the cluster around a molecule of one crystal on another crystal.

    Neither cells nor their settings, origins or the order of atoms matter, and symmetric molecules
    are compared in the orientation that fits best. Hydrogen atoms are left out.

    Parameters
    ----------
    first
        Crystal whose clusters are looked for: one for each symmetry-independent molecule of the
        largest kind. The result is that of the cluster that agrees least.
    second
        Crystal in which they are looked for.
    size
        Molecules of a cluster: a central one and those that come nearest to it, by their closest
        heavy atoms.
    distance_tolerance, angle_tolerance
        A molecule matches if its centre, seen from that of the central molecule, is off by no more
        than this fraction of its distance and this angle (degrees), and its atoms about its centre
        by no more than turning it by that angle can move them, and by 1 A at most.
    inversion
        Whether a crystal and its mirror image count as the same. Their elastic tensors are.

    Raises
    ------
    InputError
        If a crystal has no finite molecules, or the two have not the same molecules.

    References
    ----------
    J. A. Chisholm and S. Motherwell, J. Appl. Cryst. 38, 228 (2005) (COMPACK, with the same two
    tolerances on distances and angles between atoms). That clusters by closest atoms are those of
    COMPACK: A. J. Nessler et al., J. Appl. Cryst. 55, 1528 (2022).

    Examples
    --------
    >>> from ase.build import molecule
    >>> crystal = molecule("CO2", cell=[4.0, 4.5, 6.0], pbc=True)
    >>> found = packing_similarity(crystal, crystal.repeat((1, 2, 1)))
    >>> found.matched, round(found.rmsd, 6)
    (15, 0.0)
    """
    if size < 2:
        raise InputError(f"a cluster needs at least two molecules, not {size}")
    here, there = packed(first), packed(second)
    if {m.kind for m in here.molecules} != {m.kind for m in there.molecules}:
        raise InputError(
            f"the crystals hold different molecules ({first.symbols} and {second.symbols}); "
            "only packings of the same molecules can be compared"
        )
    tolerances = Tolerances(distance_tolerance, np.radians(angle_tolerance))
    worst: PackingSimilarity | None = None
    for centre in here.independent:
        cluster = around(here, centre, count=size)
        found = _best(cluster, there, tolerances, inversion)
        if worst is None or (found.matched, -found.rmsd) < (worst.matched, -worst.rmsd):
            worst = found
    assert worst is not None
    return worst


def _best(
    cluster: Cluster, there: Packed, tolerances: Tolerances, inversion: bool
) -> PackingSimilarity:
    """The best superposition of a cluster on any molecule of a crystal."""
    centre = cluster.molecules[0]
    farthest = float(np.linalg.norm(cluster.centres, axis=1).max())
    both = there.achiral or inversion
    best = (1, np.inf, False)
    for middle in there.independent:
        if there.molecules[middle].kind != centre.kind:
            continue
        pool = around(there, middle, radius=farthest * (1.0 + tolerances.distance) + 0.5)
        best = min(best, (1, _alone(cluster, pool), False), key=_rank)
        for pair in pairs(cluster):
            for turn, nearest in starts(cluster, pool, pair, tolerances, both):
                if (
                    best[0] == len(cluster.molecules)
                    and _least(cluster, pool, turn, nearest) > best[1]
                ):
                    continue
                found = _refined(cluster, pool, turn, nearest, tolerances)
                mirrored = bool(np.linalg.det(turn) < 0.0) and not there.achiral
                best = min(best, (*found, mirrored), key=_rank)
            # a superposition that matches all takes this pair along, so that all were tried
            if best[0] == len(cluster.molecules):
                break
    matched, rmsd, inverted = best
    return PackingSimilarity(matched, len(cluster.molecules), rmsd, inverted)


def _rank(found: tuple[int, float, bool]) -> tuple[int, float]:
    return -found[0], found[1]


def _least(cluster: Cluster, pool: Cluster, turn: Array, nearest: NDArray[np.intp]) -> float:
    """An RMSD below which no superposition of these molecules on those can be.

    The mean distance of the atoms of a molecule is no less than that of their means.
    """
    counts = [len(molecule.atoms) for molecule in cluster.molecules]
    starts = np.repeat(cluster.centres, counts, axis=0)
    ends = np.repeat(pool.centres[nearest], counts, axis=0)
    return superposed(starts, ends, float(np.sign(np.linalg.det(turn))))[2]


def _refined(
    cluster: Cluster,
    pool: Cluster,
    turn: Array,
    nearest: NDArray[np.intp],
    tolerances: Tolerances,
) -> tuple[int, float]:
    """Matched molecules and RMSD after superposing the atoms of those that match."""
    nearest = nearest.copy()
    nearest[0] = 0
    centre = cluster.molecules[0].centre
    shift = pool.molecules[0].centre - turn @ centre
    sign = float(np.sign(np.linalg.det(turn)))
    matched, before, rmsd = np.zeros(len(nearest), dtype=bool), np.zeros(0, dtype=bool), np.inf
    for _ in range(_ROUNDS):
        targets = []
        for molecule, k in zip(cluster.molecules, nearest, strict=True):
            other = pool.molecules[k]
            placed = molecule.positions @ turn.T + shift
            targets.append(other.positions[correspondence(molecule, other, placed)])
        matched = _matching(cluster, targets, nearest, turn, tolerances)
        if not matched[0]:
            return 1, np.inf
        sources = [m.positions for m, keep in zip(cluster.molecules, matched, strict=True) if keep]
        ends = np.concatenate([t for t, keep in zip(targets, matched, strict=True) if keep])
        turn, shift, rmsd = superposed(np.concatenate(sources), ends, sign)
        if len(before) and (matched == before).all():
            break
        before = matched
    return int(matched.sum()), rmsd


def _matching(
    cluster: Cluster,
    targets: list[Array],
    nearest: NDArray[np.intp],
    turn: Array,
    tolerances: Tolerances,
) -> NDArray[np.bool_]:
    """Which molecules lie and stand as in the cluster."""
    ends = np.array([target.mean(axis=0) for target in targets])
    ends -= ends[0]
    starts = cluster.centres @ turn.T
    near, far = np.linalg.norm(starts, axis=1), np.linalg.norm(ends, axis=1)
    cosine = (starts * ends).sum(-1)[1:] / (near[1:] * np.maximum(far[1:], 1e-9))
    matched = np.abs(far - near) <= tolerances.distance * near
    matched[1:] &= cosine >= np.cos(tolerances.angle)
    for k, (molecule, target) in enumerate(zip(cluster.molecules, targets, strict=True)):
        arms = (molecule.positions - molecule.centre) @ turn.T
        moved = np.sqrt((((target - target.mean(axis=0)) - arms) ** 2).sum(-1).mean())
        turned = 2.0 * np.sin(0.5 * tolerances.angle) * molecule.radius + 1e-9
        matched[k] &= moved <= min(turned, _LARGEST_MOVE)
        # a molecule of the other crystal stands for one only
        matched[k] &= nearest[k] not in nearest[:k][matched[:k]]
    return np.asarray(matched)


def _alone(cluster: Cluster, pool: Cluster) -> float:
    """RMSD of the central molecules by themselves, best of some orientations."""
    first, second = cluster.molecules[0], pool.molecules[0]
    results = []
    _, axes = np.linalg.eigh(first.gyration)
    _, others = np.linalg.eigh(second.gyration)
    for signs in product((-1.0, 1.0), repeat=3):
        turn = others @ np.diag(signs) @ axes.T
        placed = (first.positions - first.centre) @ turn.T + second.centre
        ends = second.positions[correspondence(first, second, placed)]
        results.append(superposed(first.positions, ends, float(np.sign(np.linalg.det(turn))))[2])
    return min(results)
