"""Which crystals a model can know something about, and the warning for those that it cannot.

A network answers for every arrangement of atoms. Its answer is worth something where the crystal is
like those it learned from: of known elements, at a usual volume, with usual distances and
neighbours, bonded throughout, and with members of the ensemble that agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cijkl.errors import Diagnostic, InputError
from cijkl.models.domain.graph_molecules import is_molecular
from cijkl.models.domain.judge import Judge, described
from cijkl.models.domain.shells import Shells
from cijkl.models.domain.usual_sizes import Room, UsualSizes
from cijkl.models.domain.usual_surroundings import Neighbourhood, UsualSurroundings
from cijkl.models.elements import KNOWN
from cijkl.models.graphs import Graph, GraphSettings, crystal_graph

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["CODE", "SETTINGS", "Domain", "Limits"]

Array = NDArray[np.float64]

#: code of the warning
CODE = "out_of_domain"

#: crystals with an element below which it is rare
_FEW = 3
#: neighbours by which crystals are judged
SETTINGS = GraphSettings("shells", 24)


@dataclass(frozen=True)
class Limits:
    """Lowest and highest value that is usual.

    Parameters
    ----------
    strain
        Of `UsualSizes.strain`.
    lengths
        Of the same of a `Room`, for every atom.
    crowding, lopsidedness, contacts
        Of the same of a `Neighbourhood`, for every atom; of lopsidedness the mean over the atoms.
    spread
        Highest of ln K_VRH and ln G_VRH; None where there is no ensemble.
    """

    strain: tuple[float, float]
    lengths: tuple[float, float]
    crowding: tuple[float, float]
    lopsidedness: tuple[float, float]
    contacts: tuple[float, float]
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
    surroundings
        What they had around them.
    limits
        Beyond which a crystal is foreign.
    judge
        Says whether it looks made up on the whole; None if there were too few crystals.
    """

    crystals: int
    with_element: NDArray[np.int64]
    sizes: UsualSizes
    surroundings: UsualSurroundings
    limits: Limits
    judge: Judge | None = None

    def warnings(self, atoms: Atoms, spread: ArrayLike | None = None) -> list[Diagnostic]:
        """What is foreign about a crystal: one warning ``out_of_domain``, or none.

        Parameters
        ----------
        spread
            (2,): the members' standard deviation of ln K_VRH and ln G_VRH.
        """
        return self.warnings_of_graph(crystal_graph(atoms, SETTINGS), spread)

    def warnings_of_graph(self, graph: Graph, spread: ArrayLike | None = None) -> list[Diagnostic]:
        """The same for the graph of a single crystal, of at least its nearest 12 neighbours."""
        found = [*self._elements(graph)]
        if not found:
            shells = Shells(graph)
            room, around = self.sizes.room(shells), self.surroundings.compare(shells)
            strain = self.sizes.strain(room)
            found += [*self._sizes(shells, strain, room), *self._surroundings(shells, around)]
            found = found or [*self._whole(described(shells, strain, room, around))]
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
            "sizes": _plain(self.sizes),
            "surroundings": _plain(self.surroundings),
            "limits": asdict(self.limits),
            "judge": None if self.judge is None else self.judge.as_dict(),
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
            sizes, surroundings = (
                {k: np.array(v, float) for k, v in content[part].items()}
                for part in ("sizes", "surroundings")
            )
            return cls(
                int(content["crystals"]),
                np.array(content["with_element"], np.int64),
                UsualSizes(**sizes),
                UsualSurroundings(**surroundings),
                Limits(**limits),
                None if content.get("judge") is None else Judge.load(content["judge"]),
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

    def _sizes(self, shells: Shells, strain: float, room: Room) -> Iterator[str]:
        percent = abs(100.0 * np.expm1(strain))
        if strain < self.limits.strain[0]:
            yield f"its atoms have about {percent:.0f} % less room than usual, as under pressure"
        if strain > self.limits.strain[1]:
            yield f"its atoms have about {percent:.0f} % more room than usual"
        for atom, word in _beyond(room.lengths, self.limits.lengths, "close to", "far from"):
            percent = 100.0 * np.expm1(room.lengths[atom])
            yield f"{_name(shells, atom)} is too {word} its neighbours ({percent:+.0f} %)"

    def _surroundings(self, shells: Shells, found: Neighbourhood) -> Iterator[str]:
        for atom, word in _beyond(found.crowding, self.limits.crowding, "few", "many"):
            number = found.coordination[atom]
            yield f"{_name(shells, atom)} has unusually {word} neighbours ({number:.1f})"
        if found.lopsidedness.mean() > self.limits.lopsidedness[1]:
            yield "atoms are not in the middle of their neighbours, as if out of equilibrium"
        low = (self.limits.contacts[0], np.inf)
        for atom, _ in _beyond(found.contacts, low, "wrong", ""):
            yield f"{_name(shells, atom)} has neighbours of a kind that it hardly ever has"

    def _whole(self, numbers: Array) -> Iterator[str]:
        if self.judge is not None and self.judge.score([numbers])[0] > self.judge.limit:
            yield (
                "its distances and neighbours, taken together, are less like those of crystals "
                "than of strained, shaken, shuffled or randomly packed ones"
            )

    def _disagreement(self, spread: Array, limits: tuple[float, float]) -> Iterator[str]:
        for name, value, limit in zip(("K", "G"), spread, limits, strict=True):
            if value > limit:
                yield (
                    f"the members of the ensemble disagree on {name} by "
                    f"{100.0 * np.expm1(value):.0f} %, where {100.0 * np.expm1(limit):.0f} % is "
                    "much already"
                )


def _beyond(
    values: Array, limits: tuple[float, float], less: str, more: str
) -> Iterator[tuple[int, str]]:
    """The atom that is farthest beyond the limits and the word for it, if there is one."""
    excess = np.maximum(values - limits[1], limits[0] - values)
    atom = int(excess.argmax())
    if excess[atom] > 0.0:
        yield atom, more if values[atom] > limits[1] else less


def _name(shells: Shells, atom: int) -> str:
    from ase.data import chemical_symbols

    return str(chemical_symbols[shells.elements[atom] + 1])


def _plain(part: UsualSizes | UsualSurroundings) -> dict[str, Any]:
    return {field.name: _rounded(getattr(part, field.name)) for field in fields(part)}


def _rounded(values: Array) -> Any:
    """Lists of numbers of five digits."""
    if values.ndim > 1:
        return [_rounded(row) for row in values]
    return [float(f"{value:.5g}") for value in values]
