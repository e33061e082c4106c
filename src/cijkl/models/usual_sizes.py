"""How much room atoms usually take, learned from crystals.

Two numbers are expected of a crystal from its elements alone: the volume per atom,

    V = sum over a of x_a v_a + sum over A <= B of x_A x_B w_AB,

and the mean distance of an atom from the atoms of its first shell,

    d_i = < r_i + r_j + u_AB > + k ln N_i,

with x the shares of elements a and of the groups A, B of the periodic table that they belong to,
the mean over the first shell, and N its number of atoms. The shell has no sharp end: a neighbour
farther than the nearest by the share t weighs exp(-(t / 0.15)^2). The coefficients minimise the
relative errors, with Huber's weights and little firmness.

What a crystal has more or less than that, as logarithms, follows its strain: under a change of ln V
by e the first changes by e and the second by e / 3. The best estimate of e from both is the one of
generalised least squares.

The coordination N of an atom is compared with the mean and the deviation of ln N of its element.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.datasets.splits import ELEMENT_GROUPS
from cijkl.models.elements import KNOWN
from cijkl.models.graphs import Graph
from cijkl.structures.bonds import covalent_radii

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = ["Room", "UsualSizes", "learn_sizes"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

#: relative distance beyond the nearest neighbour at which a neighbour's weight is 1 / e
_SHELL = 0.15
#: relative error beyond which errors count linearly
_OUTLIER = 0.1
#: how firmly coefficients stay where they start; squares of relative errors per A^3 and per A
_FIRM_VOLUMES, _FIRM_LENGTHS = 0.003, 0.02
#: A^3 over the cube of the covalent radius, of the start
_START = 6.0
#: standard deviations of the two logarithms, and crystals that believe so before any is seen
_USUAL_DEVIATIONS, _BELIEF = np.array([0.12, 0.025]), 10.0
#: mean and standard deviation of ln N, and crystals that believe so
_USUAL_COORDINATION = (1.8, 0.5, 5.0)
#: how the two logarithms follow that of the volume
_RESPONSE = np.array([1.0, 1.0 / 3.0])

_GROUPS = len(ELEMENT_GROUPS)
_ROWS, _COLUMNS = np.triu_indices(_GROUPS)
#: column of each pair of groups
_PAIR = np.zeros((_GROUPS, _GROUPS), np.int64)
_PAIR[_ROWS, _COLUMNS] = _PAIR[_COLUMNS, _ROWS] = np.arange(len(_ROWS))
#: group of each element from hydrogen on
_GROUP = np.array(
    [
        next(g for g, members in enumerate(ELEMENT_GROUPS.values()) if number in members)
        for number in range(1, KNOWN + 1)
    ]
)


@dataclass(frozen=True, eq=False)
class Room:
    """How one crystal differs from what its elements lead to expect.

    Parameters
    ----------
    volume
        Logarithm of the volume over the expected one.
    lengths
        (n,): logarithm of each atom's distance from its first shell over the expected one.
    coordination
        (n,): number of atoms in the first shell.
    crowding
        (n,): standard deviations by which the logarithm of that number is above the element's mean.
    """

    volume: float
    lengths: Array
    coordination: Array
    crowding: Array


@dataclass(frozen=True, eq=False)
class UsualSizes:
    """What was learned.

    Parameters
    ----------
    volumes
        v of the elements from hydrogen on and w of the pairs of groups, A^3, (103 + 171).
    lengths
        r of the elements, u of the pairs and k, A, (103 + 171 + 1).
    coordination
        Mean and standard deviation of ln N of the atoms of each element, (2, 103).
    centre
        (2,): medians of the two logarithms among the crystals learned from.
    weights
        (2,): of the two in the estimate of a crystal's strain.
    """

    volumes: Array
    lengths: Array
    coordination: Array
    centre: Array
    weights: Array

    def room(self, graph: Graph) -> Room:
        """Compare one crystal with its expectation; elements up to `KNOWN` only."""
        shell = _Shell(graph)
        volume = float(_composition(shell.numbers) @ self.volumes)
        first, second = shell.numbers[graph.first], shell.numbers[graph.second]
        pairs = KNOWN + _PAIR[_GROUP[first], _GROUP[second]]
        each = self.lengths[first] + self.lengths[second] + self.lengths[pairs]
        expected = shell.mean(each) + self.lengths[-1] * np.log(shell.coordination)
        mean, deviation = self.coordination[:, shell.numbers]
        return Room(
            volume=float(np.log(graph.volumes[0] / len(shell.numbers) / max(volume, 1.0))),
            lengths=np.log(shell.distances / np.maximum(expected, 0.3)),
            coordination=shell.coordination,
            crowding=(np.log(shell.coordination) - mean) / deviation,
        )

    def strain(self, room: Room) -> float:
        """Estimate by how much ln V differs from that of an unstrained crystal."""
        found = np.array([room.volume, room.lengths.mean()])
        return float((found - self.centre) @ self.weights)


def learn_sizes(graphs: Sequence[Graph]) -> UsualSizes:
    """Learn the sizes of atoms from the graphs of single crystals."""
    radii = covalent_radii(np.arange(1, KNOWN + 1))
    pairs = np.zeros(len(_ROWS))
    volumes = _robust(*_volume_equations(graphs), np.concatenate([_START * radii**3, pairs]))
    lengths = _robust(*_length_equations(graphs), np.concatenate([radii, pairs, [0.0]]))
    coordination = _coordination(graphs)
    plain = UsualSizes(volumes, lengths, coordination, np.zeros(2), np.zeros(2))
    rooms = [plain.room(graph) for graph in graphs]
    found = np.array([[room.volume, room.lengths.mean()] for room in rooms])
    centre = np.median(found, axis=0)
    # outliers must not say how much the two vary
    reach = 3.0 * 1.4826 * np.median(np.abs(found - centre), axis=0)
    inner = np.clip(found - centre, -reach, reach)
    scatter = inner.T @ inner + _BELIEF * np.diag(_USUAL_DEVIATIONS**2)
    weights = np.linalg.solve(scatter, _RESPONSE)
    return UsualSizes(volumes, lengths, coordination, centre, weights / (weights @ _RESPONSE))


class _Shell:
    """First shells of the atoms of one crystal."""

    def __init__(self, graph: Graph) -> None:
        count = len(graph.numbers)
        #: atomic numbers less one, which are rows of tables
        self.numbers = np.minimum(graph.numbers, KNOWN) - 1
        self.first = graph.first
        length = np.sqrt(np.einsum("ij,ij->i", graph.vectors, graph.vectors))
        radii = covalent_radii(graph.numbers)
        relative = length / (radii[graph.first] + radii[graph.second])
        nearest = np.full(count, np.inf)
        np.minimum.at(nearest, graph.first, relative)
        weights = np.exp(-(((relative / nearest[graph.first] - 1.0) / _SHELL) ** 2))
        self.coordination: Array = np.bincount(graph.first, weights, count).astype(float)
        #: of each edge, their sum being 1 for each atom
        self.weights = weights / self.coordination[graph.first]
        self.distances = self.mean(length)

    def mean(self, values: Array) -> Array:
        """Mean (n,) over the shell of each atom, of values (m,) of the edges."""
        total = np.bincount(self.first, self.weights * values, len(self.numbers))
        return total.astype(float)


def _composition(numbers: Indices) -> Array:
    """Shares of the elements, and products of the shares of their groups."""
    elements = np.bincount(numbers, minlength=KNOWN) / len(numbers)
    groups = np.bincount(_GROUP, elements, _GROUPS)
    return np.concatenate([elements, groups[_ROWS] * groups[_COLUMNS]])


def _volume_equations(graphs: Sequence[Graph]) -> tuple[csr_matrix, Array, float]:
    """Rows whose product with the coefficients should be 1, their weights, and the firmness."""
    from scipy.sparse import csr_matrix

    rows = [
        _composition(np.minimum(graph.numbers, KNOWN) - 1) * len(graph.numbers) / graph.volumes[0]
        for graph in graphs
    ]
    return csr_matrix(np.array(rows)), np.ones(len(rows)), _FIRM_VOLUMES


def _length_equations(graphs: Sequence[Graph]) -> tuple[csr_matrix, Array, float]:
    """The same for the atoms of all crystals; every crystal weighs the same."""
    from scipy.sparse import csr_matrix

    rows, columns, values, weights = [], [], [], []
    atoms = 0
    for graph in graphs:
        shell = _Shell(graph)
        first, second = shell.numbers[graph.first], shell.numbers[graph.second]
        share = shell.weights / shell.distances[graph.first]
        rows += [atoms + graph.first] * 3 + [atoms + np.arange(len(shell.numbers))]
        columns += [first, second, KNOWN + _PAIR[_GROUP[first], _GROUP[second]]]
        columns += [np.full(len(shell.numbers), KNOWN + len(_ROWS))]
        values += [share, share, share, np.log(shell.coordination) / shell.distances]
        weights.append(np.full(len(shell.numbers), 1.0 / len(shell.numbers)))
        atoms += len(shell.numbers)
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    matrix = csr_matrix(entries, shape=(atoms, KNOWN + len(_ROWS) + 1))
    return matrix, np.concatenate(weights), _FIRM_LENGTHS


def _coordination(graphs: Sequence[Graph]) -> Array:
    """Mean and standard deviation (2, 103) of ln N by element; every crystal weighs the same."""
    sums = np.zeros((3, KNOWN))
    mean, deviation, crystals = _USUAL_COORDINATION
    sums += crystals * np.array([1.0, mean, mean**2 + deviation**2])[:, None]
    for graph in graphs:
        shell = _Shell(graph)
        logs = np.log(shell.coordination)
        for row, values in zip(sums, (np.ones_like(logs), logs, logs**2), strict=True):
            row += np.bincount(shell.numbers, values / len(logs), KNOWN)
    average = sums[1] / sums[0]
    return np.stack([average, np.sqrt(sums[2] / sums[0] - average**2)])


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
