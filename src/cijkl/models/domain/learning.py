"""What is usual, learned from crystals, and what is not, from made-up ones."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.errors import InputError
from cijkl.models.domain.domain import SETTINGS, Domain, Limits
from cijkl.models.domain.judge import Judge, described, learn_judge
from cijkl.models.domain.made_up import made_up
from cijkl.models.domain.shells import Shells
from cijkl.models.domain.usual_sizes import UsualSizes, learn_sizes
from cijkl.models.domain.usual_surroundings import UsualSurroundings, learn_surroundings
from cijkl.models.elements import KNOWN
from cijkl.models.graphs import crystal_graph

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["fit"]

Array = NDArray[np.float64]

#: shares of the crystals learned from that are beyond a limit: too dense, too loose; with an atom
#: too near, too far, with too few or too many neighbours; lopsided; with an atom beside the wrong
#: ones; with members torn on K, on G
_DENSE, _LOOSE, _MISPLACED, _LOPSIDED, _MISMATCHED, _TORN = 0.0065, 0.003, 5e-4, 0.004, 0.004, 0.003
#: and that look made up on the whole; crystals that made-up ones are made of, at most and at least,
#: and how often an element must be there to replace others
_STRANGE, _MODELS, _FEWEST, _COMMON = 0.02, 5_000, 1_000, 20
#: limits are not narrower than this, however alike the crystals were
_STRAIN, _LENGTH, _CROWDING, _LOPSIDEDNESS, _CONTACTS = 0.15, 0.1, 2.5, 1.5, 1.0


def fit(structures: Sequence[Atoms], spreads: ArrayLike | None = None) -> Domain:
    """Learn what is usual.

    Parameters
    ----------
    structures
        The crystals that a model learned from.
    spreads
        (m, 2): the members' standard deviations of ln K_VRH and ln G_VRH of crystals of the same
        kind that none of them learned from; on those that they did, members agree too well.

    Raises
    ------
    InputError
        If there is no crystal, or one has no graph.
    """
    if not structures:
        raise InputError("there are no crystals to learn a domain from")
    crystals = [Shells(crystal_graph(atoms, SETTINGS)) for atoms in structures]
    sizes, surroundings = learn_sizes(crystals), learn_surroundings(crystals)
    rooms = [sizes.room(shells) for shells in crystals]
    around = [surroundings.compare(shells) for shells in crystals]
    strains = [sizes.strain(room) for room in rooms]
    lopsided = [np.array([each.lopsidedness.mean()]) for each in around]
    seen = np.zeros(KNOWN, np.int64)
    for atoms in structures:
        present = np.unique(atoms.numbers)
        seen[present[present <= KNOWN] - 1] += 1
    atom = (_MISPLACED, _MISPLACED)
    limits = Limits(
        strain=_limits(list(np.array(strains)[:, None]), (_DENSE, _LOOSE), _STRAIN),
        lengths=_limits([room.lengths for room in rooms], atom, _LENGTH),
        crowding=_limits([each.crowding for each in around], atom, _CROWDING),
        lopsidedness=_limits(lopsided, (0.0, _LOPSIDED), _LOPSIDEDNESS),
        contacts=_limits([each.contacts for each in around], (_MISMATCHED, 0.0), _CONTACTS),
        spread=None if spreads is None else _largest(np.asarray(spreads, float)),
    )
    real = [described(*each) for each in zip(crystals, strains, rooms, around, strict=True)]
    judge = _judge(structures, real, seen, sizes, surroundings)
    return Domain(len(crystals), seen, sizes, surroundings, limits, judge)


def _judge(
    structures: Sequence[Atoms],
    real: Sequence[Array],
    seen: NDArray[np.int64],
    sizes: UsualSizes,
    surroundings: UsualSurroundings,
) -> Judge | None:
    """What tells crystals, described by `real`, from others that are made of them."""
    common = np.flatnonzero(seen >= _COMMON) + 1
    if len(real) < _FEWEST or len(common) < 2:
        return None
    rng = np.random.default_rng(0)
    models = [structures[i] for i in rng.permutation(len(structures))[:_MODELS]]
    foreign = []
    for atoms in made_up(models, common, rng):
        with suppress(InputError):
            shells = Shells(crystal_graph(atoms, SETTINGS))
            room = sizes.room(shells)
            around = surroundings.compare(shells)
            foreign.append(described(shells, sizes.strain(room), room, around))
    return learn_judge(real, foreign, _STRANGE)


def _limits(
    values: Sequence[Array], shares: tuple[float, float], least: float
) -> tuple[float, float]:
    """Limits that the lowest and the highest value of these shares of crystals are beyond."""
    low = float(np.quantile([each.min() for each in values], shares[0]))
    high = float(np.quantile([each.max() for each in values], 1.0 - shares[1]))
    return round(min(low, -least), 4), round(max(high, least), 4)


def _largest(spreads: Array) -> tuple[float, float] | None:
    if not spreads.any():
        return None
    bulk, shear = np.quantile(spreads, 1.0 - _TORN, axis=0)
    return round(float(bulk), 5), round(float(shear), 5)
