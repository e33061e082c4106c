"""How much room atoms usually take, learned from crystals.

Two numbers are expected of a crystal from its elements alone: the volume per atom,

    V = sum over a of x_a v_a + sum over A <= B of x_A x_B w_AB,

and the mean distance of an atom from the atoms of its first shell,

    d_i = < r_i + r_j + u_AB > + k ln N_i,

with x the shares of elements a and of the groups A, B of the periodic table that they belong to,
the mean over the first shell, and N its number of atoms (see `shells`). The coefficients minimise
the relative errors, with Huber's weights and little firmness.

What a crystal has more or less than that, as logarithms, follows its strain: under a change of ln V
by e the first changes by e and the second by e / 3. The best estimate of e from both is the one of
generalised least squares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.models.domain.shells import GROUP, GROUPS, Shells
from cijkl.models.elements import KNOWN
from cijkl.structures.bonds import covalent_radii

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["Room", "UsualSizes", "learn_sizes"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

#: relative error beyond which errors count linearly
_OUTLIER = 0.1
#: how firmly coefficients stay where they start; squares of relative errors per A^3 and per A
_FIRM_VOLUMES, _FIRM_LENGTHS = 0.003, 0.02
#: A^3 over the cube of the covalent radius, of the start
_START = 6.0
#: standard deviations of the two logarithms, and crystals that believe so before any is seen
_USUAL_DEVIATIONS, _BELIEF = np.array([0.12, 0.025]), 10.0
#: how the two logarithms follow that of the volume
_RESPONSE = np.array([1.0, 1.0 / 3.0])

_ROWS, _COLUMNS = np.triu_indices(GROUPS)
#: column of each pair of groups
_PAIR = np.zeros((GROUPS, GROUPS), np.int64)
_PAIR[_ROWS, _COLUMNS] = _PAIR[_COLUMNS, _ROWS] = np.arange(len(_ROWS))


@dataclass(frozen=True, eq=False)
class Room:
    """How one crystal differs from what its elements lead to expect.

    Parameters
    ----------
    volume
        Logarithm of the volume over the expected one.
    lengths
        (n,): logarithm of each atom's distance from its first shell over the expected one.
    """

    volume: float
    lengths: Array


@dataclass(frozen=True, eq=False)
class UsualSizes:
    """What was learned.

    Parameters
    ----------
    volumes
        v of the elements from hydrogen on and w of the pairs of groups, A^3, (103 + 171).
    lengths
        r of the elements, u of the pairs and k, A, (103 + 171 + 1).
    centre
        (2,): medians of the two logarithms among the crystals learned from.
    weights
        (2,): of the two in the estimate of a crystal's strain.
    """

    volumes: Array
    lengths: Array
    centre: Array
    weights: Array

    def room(self, shells: Shells) -> Room:
        """Compare one crystal with what its elements lead to expect."""
        volume = float(_composition(shells.elements) @ self.volumes)
        first, second, pair = _bond_columns(shells)
        each = self.lengths[first] + self.lengths[second] + self.lengths[pair]
        expected = shells.mean(each) + self.lengths[-1] * np.log(shells.coordination)
        return Room(
            volume=float(np.log(shells.volume / max(volume, 1.0))),
            lengths=np.log(shells.distances / np.maximum(expected, 0.3)),
        )

    def strain(self, room: Room) -> float:
        """Estimate by how much ln V differs from that of an unstrained crystal."""
        found = np.array([room.volume, room.lengths.mean()])
        return float((found - self.centre) @ self.weights)


def learn_sizes(crystals: Sequence[Shells]) -> UsualSizes:
    """Learn the sizes of atoms from crystals."""
    radii = covalent_radii(np.arange(1, KNOWN + 1))
    pairs = np.zeros(len(_ROWS))
    volumes = _robust(*_volume_equations(crystals), np.concatenate([_START * radii**3, pairs]))
    lengths = _robust(*_length_equations(crystals), np.concatenate([radii, pairs, [0.0]]))
    plain = UsualSizes(volumes, lengths, np.zeros(2), np.zeros(2))
    rooms = [plain.room(shells) for shells in crystals]
    found = np.array([[room.volume, room.lengths.mean()] for room in rooms])
    centre = np.median(found, axis=0)
    # outliers must not say how much the two vary
    reach = 3.0 * 1.4826 * np.median(np.abs(found - centre), axis=0)
    inner = np.clip(found - centre, -reach, reach)
    scatter = inner.T @ inner + _BELIEF * np.diag(_USUAL_DEVIATIONS**2)
    weights = np.linalg.solve(scatter, _RESPONSE)
    return UsualSizes(volumes, lengths, centre, weights / (weights @ _RESPONSE))


def _composition(elements: Indices) -> Array:
    """Shares of the elements, and products of the shares of their groups."""
    shares = np.bincount(elements, minlength=KNOWN) / len(elements)
    groups = np.bincount(GROUP, shares, GROUPS)
    return np.concatenate([shares, groups[_ROWS] * groups[_COLUMNS]])


def _bond_columns(shells: Shells) -> tuple[Indices, Indices, Indices]:
    """Of each edge the columns of the three coefficients that make up its length."""
    first, second = shells.elements[shells.first], shells.elements[shells.second]
    return first, second, KNOWN + _PAIR[GROUP[first], GROUP[second]]


def _volume_equations(crystals: Sequence[Shells]) -> tuple[csr_matrix, Array, float]:
    """Rows whose product with the coefficients should be 1, their weights, and the firmness."""
    from scipy.sparse import csr_matrix

    rows = [_composition(shells.elements) / shells.volume for shells in crystals]
    return csr_matrix(np.array(rows)), np.ones(len(rows)), _FIRM_VOLUMES


def _length_equations(crystals: Sequence[Shells]) -> tuple[csr_matrix, Array, float]:
    """The same for the atoms of all crystals; every crystal weighs the same."""
    from scipy.sparse import csr_matrix

    rows, columns, values, weights = [], [], [], []
    atoms = 0
    for shells in crystals:
        count = len(shells.elements)
        share = shells.weights / shells.distances[shells.first]
        rows += [atoms + shells.first] * 3 + [atoms + np.arange(count)]
        columns += [*_bond_columns(shells), np.full(count, KNOWN + len(_ROWS))]
        values += [share, share, share, np.log(shells.coordination) / shells.distances]
        weights.append(np.full(count, 1.0 / count))
        atoms += count
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    matrix = csr_matrix(entries, shape=(atoms, KNOWN + len(_ROWS) + 1))
    return matrix, np.concatenate(weights), _FIRM_LENGTHS


def _robust(matrix: csr_matrix, weights: Array, firmness: float, start: Array) -> Array:
    """Coefficients with which the rows of a matrix give 1, by reweighted ridge regression."""
    from scipy.sparse import diags

    misfit = 1.0 - matrix @ start
    found, current = start, weights
    for _ in range(6):
        weighted = diags(current) @ matrix
        normal = (matrix.T @ weighted).toarray() + firmness * np.eye(len(start))
        found = start + np.linalg.solve(normal, weighted.T @ misfit)
        current = weights / np.maximum(np.abs(1.0 - matrix @ found) / _OUTLIER, 1.0)
    return found
