"""Which crystals a model can know something about, and the warning for those that it cannot.

A network answers for every arrangement of atoms. Its answer is worth something where the crystal is
like those it learned from: of known elements, at a usual volume, with usual distances and
coordination, bonded throughout, and with members of the ensemble that agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.errors import Diagnostic, InputError
from cijkl.models.elements import KNOWN
from cijkl.models.graph_molecules import is_molecular
from cijkl.models.graphs import Graph, GraphSettings, crystal_graph
from cijkl.models.usual_sizes import Room, UsualSizes, learn_sizes

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["CODE", "Domain", "fit"]

Array = NDArray[np.float64]

#: code of the warning
CODE = "out_of_domain"

#: crystals with an element below which it is rare
_FEW = 3
#: shares of the crystals learned from that are beyond a limit: too dense, too loose, with an atom
#: too near or too far (too few or too many neighbours), with members torn on K (on G)
_DENSE, _LOOSE, _MISPLACED, _TORN = 0.006, 0.003, 0.001, 0.004
#: limits are not narrower than this, however alike the crystals were
_STRAIN, _LENGTH, _CROWDING = 0.15, 0.1, 2.5
#: neighbours by which crystals are judged
_SETTINGS = GraphSettings("shells", 24)


@dataclass(frozen=True)
class Limits:
    """Lowest and highest value that is usual.

    Parameters
    ----------
    strain
        Of `UsualSizes.strain`.
    lengths, crowding
        Of the same of a `Room`, for every atom.
    spread
        Highest of ln K_VRH and ln G_VRH; None where there is no ensemble.
    """

    strain: tuple[float, float]
    lengths: tuple[float, float]
    crowding: tuple[float, float]
    spread: tuple[float, float] | None


@dataclass(frozen=True, eq=False)
class Domain:
    """What the crystals were like that a model learned from.

    Parameters
    ----------
    crystals
        How many there were.
    with_element
        How many held each element, from hydrogen on, (103,).
    sizes
        How much room atoms took.
    limits
        Beyond which a crystal is foreign.
    """

    crystals: int
    with_element: NDArray[np.int64]
    sizes: UsualSizes
    limits: Limits

    def warnings(self, atoms: Atoms, spread: ArrayLike | None = None) -> list[Diagnostic]:
        """What is foreign about a crystal: one warning ``out_of_domain``, or none.

        Parameters
        ----------
        spread
            (2,): the members' standard deviation of ln K_VRH and ln G_VRH.
        """
        return self.warnings_of_graph(crystal_graph(atoms, _SETTINGS), spread)

    def warnings_of_graph(self, graph: Graph, spread: ArrayLike | None = None) -> list[Diagnostic]:
        """The same for the graph of a single crystal, of at least its nearest 12 neighbours."""
        found = [*self._elements(graph)]
        if not found:
            found += self._sizes(graph, self.sizes.room(graph))
        if is_molecular(graph):
            found.append("it consists of molecules, which dispersion and hydrogen bonds hold")
        if spread is not None and self.limits.spread is not None:
            found += self._disagreement(np.asarray(spread, float), self.limits.spread)
        if not found:
            return []
        reasons = "; ".join(found)
        return [
            Diagnostic(
                CODE,
                f"The crystal is unlike the {self.crystals} that the model learned from, and its "
                f"answer may be far off: {reasons}.",
            )
        ]

    def as_dict(self) -> dict[str, Any]:
        """Plain numbers, for JSON."""
        return {
            "crystals": self.crystals,
            "with_element": self.with_element.tolist(),
            "sizes": {
                field.name: _rounded(getattr(self.sizes, field.name))
                for field in fields(self.sizes)
            },
            "limits": asdict(self.limits),
        }

    @classmethod
    def load(cls, content: Mapping[str, Any]) -> Domain:
        """The domain of `as_dict`.

        Raises
        ------
        InputError
            If the content is another.
        """
        try:
            limits: dict[str, Any] = {
                k: v if v is None else tuple(v) for k, v in content["limits"].items()
            }
            sizes = {k: np.array(v, float) for k, v in content["sizes"].items()}
            return cls(
                int(content["crystals"]),
                np.array(content["with_element"], np.int64),
                UsualSizes(**sizes),
                Limits(**limits),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(f"no domain of a model: {' '.join(str(error).split())}") from None

    def _elements(self, graph: Graph) -> Iterator[str]:
        from ase.data import chemical_symbols

        for number in np.unique(graph.numbers):
            seen = int(self.with_element[number - 1]) if number <= KNOWN else 0
            if seen < _FEW:
                crystals = {0: "none", 1: "one"}.get(seen, str(seen))
                yield f"{crystals} of them had {chemical_symbols[number]}"

    def _sizes(self, graph: Graph, room: Room) -> Iterator[str]:
        from ase.data import chemical_symbols

        strain = self.sizes.strain(room)
        low, high = self.limits.strain
        percent = abs(100.0 * np.expm1(strain))
        if strain < low:
            yield f"its atoms have about {percent:.0f} % less room than usual, as under pressure"
        if strain > high:
            yield f"its atoms have about {percent:.0f} % more room than usual"
        for values, (low, high), less, more in (
            (room.lengths, self.limits.lengths, "close to", "far from"),
            (room.crowding, self.limits.crowding, "too few", "too many"),
        ):
            # of the atoms beyond a limit, the farthest
            beyond = np.maximum(values - high, low - values)
            atom = int(beyond.argmax())
            if beyond[atom] <= 0.0:
                continue
            word = more if values[atom] > high else less
            name = f"{chemical_symbols[graph.numbers[atom]]} (atom {atom + 1})"
            if values is room.lengths:
                percent = 100.0 * np.expm1(values[atom])
                yield f"{name} is unusually {word} its neighbours ({percent:+.0f} %)"
            else:
                yield f"{name} has {word} neighbours ({room.coordination[atom]:.1f})"

    def _disagreement(self, spread: Array, limits: tuple[float, float]) -> Iterator[str]:
        for name, value, limit in zip(("K", "G"), spread, limits, strict=True):
            if value > limit:
                yield (
                    f"the members of the ensemble disagree on {name} by "
                    f"{100.0 * np.expm1(value):.0f} %, where {100.0 * np.expm1(limit):.0f} % is "
                    "much already"
                )


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
    graphs = [crystal_graph(atoms, _SETTINGS) for atoms in structures]
    sizes = learn_sizes(graphs)
    rooms = [sizes.room(graph) for graph in graphs]
    seen = np.zeros(KNOWN, np.int64)
    for graph in graphs:
        present = np.unique(graph.numbers)
        seen[present[present <= KNOWN] - 1] += 1
    limits = Limits(
        strain=_limits([np.array([sizes.strain(r)]) for r in rooms], (_DENSE, _LOOSE), _STRAIN),
        lengths=_limits([room.lengths for room in rooms], (_MISPLACED, _MISPLACED), _LENGTH),
        crowding=_limits([room.crowding for room in rooms], (_MISPLACED, _MISPLACED), _CROWDING),
        spread=None if spreads is None else _largest(np.asarray(spreads, float)),
    )
    return Domain(len(graphs), seen, sizes, limits)


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


def _rounded(values: Array) -> Any:
    """Lists of numbers of five digits."""
    if values.ndim > 1:
        return [_rounded(row) for row in values]
    return [float(f"{value:.5g}") for value in values]
