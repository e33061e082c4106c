"""Rotations that bring a cluster of molecules over another crystal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from cijkl.structures.clusters import Cluster

__all__ = ["Tolerances", "pairs", "starts", "superposed"]

Array = NDArray[np.float64]

#: nearest neighbours from which superpositions are started, two at a time
_STARTERS = 5
#: different superpositions that are refined for each pair of neighbours
_REFINED = 64


@dataclass(frozen=True)
class Tolerances:
    """Largest relative difference of distances, and largest angle (radians)."""

    distance: float
    angle: float


def pairs(cluster: Cluster) -> Iterator[tuple[int, int]]:
    """Pairs of near neighbours of the central molecule whose directions differ clearly."""
    order = np.argsort(np.linalg.norm(cluster.centres[1:], axis=1), kind="stable")[:_STARTERS] + 1
    for one, other in combinations(order.tolist(), 2):
        if _spread(cluster.centres[[one, other]]):
            yield one, other


def starts(
    cluster: Cluster, pool: Cluster, pair: tuple[int, int], tolerances: Tolerances, both: bool
) -> Iterator[tuple[Array, NDArray[np.intp]]]:
    """Superpositions to refine, best first: a rotation (3, 3), and the pool's molecules.

    Two neighbours of the central molecule are taken for any two of the pool at like distances
    and angle, which fixes the rotation.
    """
    turns = _turns(cluster, pool, pair, tolerances, both)
    if not len(turns):
        return
    nearest, scores = _scores(cluster, pool, turns, tolerances)
    mirrored = np.linalg.det(turns) < 0.0
    labels = np.column_stack([nearest, mirrored])
    order = np.argsort(scores, kind="stable")
    _, first = np.unique(labels[order], axis=0, return_index=True)
    for k in order[np.sort(first)[:_REFINED]]:
        yield turns[k], nearest[k]


def _spread(vectors: Array) -> bool:
    """Whether two directions are 20 to 160 degrees apart."""
    first, second = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return bool(abs(first @ second) < np.cos(np.radians(20.0)))


def _turns(
    cluster: Cluster, pool: Cluster, pair: tuple[int, int], tolerances: Tolerances, both: bool
) -> Array:
    """Rotations (c, 3, 3), proper and improper, that take two neighbours to two of the pool."""
    wanted = cluster.centres[list(pair)]
    lengths = np.linalg.norm(wanted, axis=1)
    radii = np.linalg.norm(pool.centres, axis=1)
    fits = [
        np.flatnonzero(
            (np.abs(radii - length) <= tolerances.distance * length)
            & np.array([m.kind == cluster.molecules[k].kind for m in pool.molecules])
        )
        for k, length in zip(pair, lengths, strict=True)
    ]
    chosen = np.array([(i, j) for i, j in product(*fits) if i != j], dtype=int).reshape(-1, 2)
    ends = pool.centres[chosen]
    units = ends / np.linalg.norm(ends, axis=2, keepdims=True)
    between = np.arccos(np.clip(np.einsum("ci,ci->c", units[:, 0], units[:, 1]), -1.0, 1.0))
    first, second = wanted / lengths[:, None]
    angle = np.arccos(np.clip(first @ second, -1.0, 1.0))
    kept = (np.abs(between - angle) <= 2.0 * tolerances.angle) & (np.sin(between) > 0.1)
    source, targets = _frames(wanted[None])[0], _frames(ends[kept])
    proper = np.einsum("cki,kj->cij", targets, source)
    if not both:
        return np.asarray(proper)
    targets[:, 2] *= -1.0
    return np.concatenate([proper, np.einsum("cki,kj->cij", targets, source)])


def _frames(pairs: Array) -> Array:
    """Orthonormal rows (c, 3, 3) fixed alike by either of two vectors (c, 2, 3)."""
    units = pairs / np.linalg.norm(pairs, axis=2, keepdims=True)
    sums, differences = units[:, 0] + units[:, 1], units[:, 0] - units[:, 1]
    sums /= np.linalg.norm(sums, axis=1, keepdims=True)
    differences /= np.linalg.norm(differences, axis=1, keepdims=True)
    return np.stack([sums, differences, np.cross(sums, differences)], axis=1)


def _scores(
    cluster: Cluster, pool: Cluster, turns: Array, tolerances: Tolerances
) -> tuple[NDArray[np.intp], Array]:
    """The pool's molecule (c, n) for each of the cluster, and how badly all fit (c,).

    Molecules are compared by centre and gyration tensor, the latter as a length.
    """
    moved = np.einsum("cij,nj->cni", turns, cluster.centres)
    squared = ((moved[:, :, None] - pool.centres) ** 2).sum(-1)
    shapes = np.array([m.gyration / max(m.radius, 1.0) for m in cluster.molecules])
    others = np.array([m.gyration / max(m.radius, 1.0) for m in pool.molecules])
    turned = np.einsum("cij,njk,clk->cnil", turns, shapes, turns).reshape(*moved.shape[:2], 9)
    flat = others.reshape(-1, 9)
    squared += (turned**2).sum(-1)[:, :, None] + (flat**2).sum(-1) - 2.0 * turned @ flat.T
    kinds = {kind: number for number, kind in enumerate({m.kind for m in cluster.molecules})}
    mine = np.array([kinds[m.kind] for m in cluster.molecules])
    theirs = np.array([kinds.get(m.kind, -1) for m in pool.molecules])
    squared[:, mine[:, None] != theirs] = np.inf
    nearest = squared.argmin(axis=2)
    limit = (tolerances.distance * np.linalg.norm(cluster.centres, axis=1)) ** 2 + 1.0
    return nearest, np.minimum(squared.min(axis=2), limit).sum(axis=1)


def superposed(sources: Array, targets: Array, sign: float) -> tuple[Array, Array, float]:
    """Rotation of a given determinant and shift that bring points (n, 3) nearest to others; RMSD.

    References
    ----------
    W. Kabsch, Acta Cryst. A32, 922 (1976).
    """
    start, end = sources.mean(axis=0), targets.mean(axis=0)
    left, _, right = np.linalg.svd((sources - start).T @ (targets - end))
    middle = np.array([1.0, 1.0, sign * np.sign(np.linalg.det(left @ right))])
    turn = np.asarray((right.T * middle) @ left.T)
    shift = end - turn @ start
    rest = sources @ turn.T + shift - targets
    return turn, shift, float(np.sqrt((rest**2).sum(-1).mean()))
