"""What atoms usually have around them, learned from crystals.

Three things are said of an atom's first shell (see `shells`), as far as they differ from what is
usual for its element: the logarithm of the number of neighbours; how lopsided the shell is; and
whether the neighbours are of a kind that the atom has beside it. The last is the mean over the
shell of

    ln (contacts of the groups A and B / contacts if neighbours were drawn at random),

which is very negative for two anions in touch and near 0 in alloys.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cijkl.models.domain.shells import GROUP, GROUPS, Shells
from cijkl.models.elements import KNOWN

__all__ = ["Neighbourhood", "UsualSurroundings", "learn_surroundings"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

#: mean and standard deviation of ln N and of lopsidedness before a crystal is seen, and the number
#: of crystals that this counts as
_COORDINATION, _LOPSIDEDNESS, _BELIEF = (1.8, 0.5), (0.15, 0.15), 5.0
#: crystals in which groups touch as if at random, before one is seen
_INDIFFERENT = 3.0


@dataclass(frozen=True, eq=False)
class Neighbourhood:
    """How the shells of one crystal differ from the usual.

    Parameters
    ----------
    coordination
        (n,): number of neighbours.
    crowding
        (n,): standard deviations by which its logarithm is above the element's mean.
    lopsidedness
        (n,): standard deviations by which it is above the element's mean.
    contacts
        (n,): logarithm of how much oftener than at random the neighbours' groups touch the atom's.
    """

    coordination: Array
    crowding: Array
    lopsidedness: Array
    contacts: Array


@dataclass(frozen=True, eq=False)
class UsualSurroundings:
    """What was learned.

    Parameters
    ----------
    coordination, lopsidedness
        Mean and standard deviation of ln N and of lopsidedness by element, (2, 103).
    contacts
        Logarithm of how much oftener than at random two groups touch, (18, 18).
    """

    coordination: Array
    lopsidedness: Array
    contacts: Array

    def compare(self, shells: Shells) -> Neighbourhood:
        """Compare one crystal with them."""
        groups = GROUP[shells.elements]
        each = self.contacts[groups[shells.first], groups[shells.second]]
        crowding = _standard(np.log(shells.coordination), self.coordination, shells.elements)
        lopsided = _standard(shells.lopsidedness(), self.lopsidedness, shells.elements)
        return Neighbourhood(
            coordination=shells.coordination,
            crowding=crowding,
            lopsidedness=lopsided,
            contacts=shells.mean(each),
        )


def learn_surroundings(crystals: Sequence[Shells]) -> UsualSurroundings:
    """Learn from crystals, of which each weighs the same."""
    logs = ((shells.elements, np.log(shells.coordination)) for shells in crystals)
    lopsided = ((shells.elements, shells.lopsidedness()) for shells in crystals)
    return UsualSurroundings(
        coordination=_by_element(logs, _COORDINATION),
        lopsidedness=_by_element(lopsided, _LOPSIDEDNESS),
        contacts=_contacts(crystals),
    )


def _standard(values: Array, usual: Array, elements: Indices) -> Array:
    mean, deviation = usual[:, elements]
    return np.asarray((values - mean) / deviation)


def _by_element(crystals: Iterable[tuple[Indices, Array]], usual: tuple[float, float]) -> Array:
    """Mean and standard deviation (2, 103) of a property of atoms."""
    mean, deviation = usual
    sums = np.ones((3, KNOWN)) * _BELIEF
    sums *= np.array([1.0, mean, mean**2 + deviation**2])[:, None]
    for elements, values in crystals:
        for row, power in zip(sums, (0, 1, 2), strict=True):
            row += np.bincount(elements, values**power / len(values), KNOWN)
    average = sums[1] / sums[0]
    return np.stack([average, np.sqrt(sums[2] / sums[0] - average**2)])


def _contacts(crystals: Sequence[Shells]) -> Array:
    """Logarithms (18, 18) of contacts seen over contacts at random."""
    seen = np.full((GROUPS, GROUPS), _INDIFFERENT)
    random = seen.copy()
    for shells in crystals:
        count = len(shells.elements)
        groups = GROUP[shells.elements]
        np.add.at(seen, (groups[shells.first], groups[shells.second]), shells.weights / count)
        shares = np.bincount(groups, minlength=GROUPS) / count
        random += np.outer(shares, shares)
    # an atom touches another as the other touches it
    return np.asarray(np.log((seen + seen.T) / (random + random.T)))
