"""Which examples to learn from and which to test on, so that the test says something.

Rows drawn at random put one compound, or its polymorphs, on both sides, and the test then asks
for what was learned by heart. Here a reduced formula is on one side only; and the splits that leave
out an element group or a cluster ask what a user with new chemistry meets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.errors import InputError, MissingPackageError

if TYPE_CHECKING:
    from ase import Atoms

__all__ = [
    "ELEMENT_GROUPS",
    "folds_by_formula",
    "holdout_by_formula",
    "leave_cluster_out",
    "leave_element_group_out",
]

Mask = NDArray[np.bool_]

#: atomic numbers of the element groups that are left out one at a time; each up to 103 is in one
ELEMENT_GROUPS: dict[str, frozenset[int]] = {
    "hydrogen": frozenset({1}),
    "noble gases": frozenset({2, 10, 18, 36, 54, 86}),
    "alkali metals": frozenset({3, 11, 19, 37, 55, 87}),
    "alkaline earths": frozenset({4, 12, 20, 38, 56, 88}),
    "3d metals": frozenset(range(21, 31)),
    "4d metals": frozenset(range(39, 49)),
    "5d metals": frozenset(range(72, 81)),
    "lanthanides": frozenset(range(57, 72)),
    "actinides": frozenset(range(89, 104)),
    "boron": frozenset({5}),
    "Al Ga In Tl": frozenset({13, 31, 49, 81}),
    "carbon": frozenset({6}),
    "Si Ge Sn Pb": frozenset({14, 32, 50, 82}),
    "nitrogen": frozenset({7}),
    "P As Sb Bi": frozenset({15, 33, 51, 83}),
    "oxygen": frozenset({8}),
    "S Se Te Po": frozenset({16, 34, 52, 84}),
    "halogens": frozenset({9, 17, 35, 53, 85}),
}


def folds_by_formula(formulas: Sequence[str], k: int = 5, seed: int = 0) -> NDArray[np.intp]:
    """Give each example a fold, 0 to k - 1, the same for all of one formula.

    Folds are as equal in size as the formulas allow. The formulas, not their order in the list,
    and the seed decide.

    Parameters
    ----------
    formulas
        (n) reduced formulas.
    k
        Number of folds.
    seed
        Of the shuffle.

    Raises
    ------
    InputError
        If there are fewer formulas than folds, or fewer than two folds.

    Returns
    -------
    (n) fold numbers.

    Examples
    --------
    >>> folds = folds_by_formula(["SiO2", "NaCl", "SiO2", "Si"], k=2)
    >>> bool(folds[0] == folds[2]), bool(folds[1] == folds[3])
    (True, True)
    """
    groups, index, sizes = _groups(formulas, seed)
    if k < 2:
        raise InputError(f"{k} folds; at least 2 are needed")
    if len(sizes) < k:
        raise InputError(f"{len(sizes)} formulas cannot make {k} folds; give more crystals")
    # the large first, so that the small can even out what is left
    order = groups[np.argsort(-sizes[groups], kind="stable")]
    fold_of_group = np.empty(len(sizes), np.intp)
    filled = np.zeros(k, np.intp)
    for group in order:
        fold = int(np.argmin(filled))
        fold_of_group[group] = fold
        filled[fold] += sizes[group]
    return fold_of_group[index]


def holdout_by_formula(formulas: Sequence[str], share: float = 0.1, seed: int = 0) -> Mask:
    """Give the examples to hold out, all or none of one formula.

    Parameters
    ----------
    formulas
        (n) reduced formulas.
    share
        Of the examples, between 0 and 1. It is met to the size of a group of one formula.
    seed
        Of the draw.

    Raises
    ------
    InputError
        If the share is not between 0 and 1, or so small or large that one side stays empty.

    Returns
    -------
    (n) True where held out.
    """
    if not 0.0 < share < 1.0:
        raise InputError(f"a share of {share:g} cannot be held out; give one between 0 and 1")
    groups, index, sizes = _groups(formulas, seed)
    left = max(1, round(share * len(index)))
    held = np.zeros(len(sizes), bool)
    for group in groups:
        if sizes[group] <= left:
            held[group] = True
            left -= int(sizes[group])
    mask = np.asarray(held[index], np.bool_)
    if not mask.any() or mask.all():
        raise InputError(
            f"{len(index)} crystals of {len(sizes)} formulas cannot be parted at {share:g}; give "
            "more crystals"
        )
    return mask


def leave_element_group_out(numbers: Sequence[ArrayLike]) -> Iterator[tuple[str, Mask]]:
    """Give for each of `ELEMENT_GROUPS` the examples that hold one of its elements.

    Those are the test; what remains has never seen the group. A group that no example holds, or
    all, is passed over.

    Parameters
    ----------
    numbers
        Atomic numbers of the atoms of each of n examples.

    Returns
    -------
    Name of the group and (n) True where the example is for the test.
    """
    present = np.zeros((len(numbers), 119), bool)
    for row, of_example in zip(present, numbers, strict=True):
        row[np.asarray(of_example, np.intp)] = True
    for name, members in ELEMENT_GROUPS.items():
        mask = np.asarray(present[:, sorted(members)].any(axis=1), np.bool_)
        if mask.any() and not mask.all():
            yield name, mask


def leave_cluster_out(
    structures: Sequence[Atoms], k: int = 10, seed: int = 0
) -> Iterator[tuple[str, Mask]]:
    """Give the clusters of similar composition and density, the largest first.

    Clusters are those of k-means in `cijkl.datasets.descriptors.descriptors`, each descriptor
    scaled to unit variance. To learn from the others and test on one asks for another kind of
    crystal than any that was seen (Meredig et al., Mol. Syst. Des. Eng. 3, 819 (2018)).

    Parameters
    ----------
    structures
        Of n examples.
    k
        Number of clusters.
    seed
        Of the start of k-means.

    Raises
    ------
    InputError
        If there are fewer different examples than clusters.

    Returns
    -------
    ``cluster 1`` and so on, and (n) True where the example is in it.
    """
    from cijkl.datasets.descriptors import descriptors

    try:
        # by name, since scikit-learn has no types
        cluster = import_module("sklearn.cluster")
    except ImportError:
        raise MissingPackageError("clusters need scikit-learn: pip install scikit-learn") from None
    values = descriptors(structures)
    distinct = len(np.unique(values, axis=0))
    if k < 2 or distinct < k:
        raise InputError(f"{distinct} different crystals cannot make {k} clusters")
    spread = values.std(axis=0)
    scaled = (values - values.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)
    found = cluster.KMeans(n_clusters=k, n_init=10, random_state=seed).fit_predict(scaled)
    by_size = np.argsort(-np.bincount(found, minlength=k), kind="stable")
    for number, label in enumerate(by_size, 1):
        yield f"cluster {number}", np.asarray(found == label, np.bool_)


def _groups(
    formulas: Sequence[str], seed: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Shuffled numbers (m) of the formulas, that of each example (n), and sizes (m)."""
    names, index, sizes = np.unique(
        np.asarray(formulas, dtype=str), return_inverse=True, return_counts=True
    )
    shuffled = np.random.default_rng(seed).permutation(len(names))
    return shuffled, index.ravel(), sizes
