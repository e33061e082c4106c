"""Hydrogen atoms that a crystal lacks: refused, added where there is only one place, or let be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from cijkl.errors import Diagnostic, InputError
from cijkl.structures.bonds import Pairs, bonds, pairs_within
from cijkl.structures.cif_checks import STATED
from cijkl.structures.crystal import Crystal
from cijkl.structures.molecules import is_molecular
from cijkl.structures.riding import Neighbour, Site, riding
from cijkl.structures.valence import SINGLE, SOFTNESS, doubtful_atoms, unsaturated_atoms

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["Hydrogens", "add_hydrogens", "check_choice", "complete", "refuse_missing_hydrogens"]

Array = NDArray[np.float64]
Hydrogens = Literal["refuse", "add", "keep"]

#: distances (A) from an added hydrogen to a heavy atom and to another hydrogen below which it
#: cannot be where it was put
CLASH = (1.5, 1.3)
#: atoms that a message names
NAMED = 6


def complete(crystal: Crystal, how: Hydrogens = "refuse") -> Crystal:
    """Give a crystal whose molecules have all their hydrogen atoms.

    Parameters
    ----------
    how
        ``refuse`` a molecular crystal that lacks some, ``add`` them, or ``keep`` it as it is, with
        its warning.

    Raises
    ------
    InputError
        If hydrogen is missing and is to be refused, or cannot be added.
    """
    if how == "keep" or not _organic(crystal.atoms):
        return crystal
    if how == "refuse":
        refuse_missing_hydrogens(crystal.atoms)
        for note in crystal.diagnostics:
            if note.code == "missing_hydrogens":
                raise InputError(note.message)
        return crystal
    atoms, notes = add_hydrogens(crystal.atoms)
    if not notes:
        return crystal
    kept = tuple(note for note in crystal.diagnostics if note.code != "missing_hydrogens")
    return replace(crystal, atoms=atoms, diagnostics=(*kept, *notes))


def check_choice(how: str) -> None:
    """Raise for anything but ``refuse``, ``add`` and ``keep``."""
    if how not in get_args(Hydrogens):
        raise InputError(f"hydrogens must be 'refuse', 'add' or 'keep', not {how!r}")


def refuse_missing_hydrogens(atoms: Atoms) -> None:
    """Raise if a molecular crystal lacks hydrogen, by the valences of its atoms or its file.

    Raises
    ------
    InputError
        With the atoms that lack it.
    """
    lacking, _ = unsaturated_atoms(atoms)
    if lacking.any():
        raise InputError(
            f"hydrogen is missing on {_names(atoms, np.flatnonzero(lacking))}; "
            "complete the structure, or let them be added (hydrogens=add)"
        )
    stated = int(atoms.info.get(STATED, 0))
    if stated:
        raise InputError(
            f"the file's formula has {stated} more hydrogen atoms in the cell than it gives "
            "coordinates for; complete the structure"
        )


def add_hydrogens(atoms: Atoms) -> tuple[Atoms, tuple[Diagnostic, ...]]:
    """Give a molecular crystal with the hydrogen atoms that it lacks, and a note of it.

    They are added to carbon of every hybridisation, and to nitrogen with two bonds or beside a
    flat carbon, where the bonds that are there leave one place for them; see `riding`. Whether
    nitrogen with two bonds has hydrogen, the formula of the file has to say.

    Raises
    ------
    InputError
        If one of them has no single place, as on oxygen or in a methyl group on a flat atom; if it
        would be too close to another atom; if nothing tells whether an atom has one; or if their
        number is not the one that the file's formula asks for. The message names the atoms.

    Examples
    --------
    >>> from ase.build import molecule
    >>> ring = molecule("C6H6", cell=[9, 9, 5], pbc=True)
    >>> complete, notes = add_hydrogens(ring[ring.numbers == 6])
    >>> complete.get_chemical_formula(), notes[0].code
    ('C6H6', 'added_hydrogens')
    """
    stated = int(atoms.info.get(STATED, 0))
    result = _filled(atoms)
    total = len(result) - len(atoms)
    if not total and not stated:
        return atoms, ()
    nitrogen, oxygen = doubtful_atoms(result)
    if stated and total + len(nitrogen) == stated:
        result = _with(result, {k: riding(site) for k, site in _sites(result, nitrogen).items()})
        total = len(result) - len(atoms)
    if stated and total != stated:
        raise InputError(
            f"{total} hydrogen atoms can be added by geometry, but the file's formula has "
            f"{stated} more than its sites; complete the structure"
        )
    if not stated and (len(nitrogen) or len(oxygen)):
        raise InputError(
            f"whether {_names(atoms, [*nitrogen, *oxygen])} bear hydrogen cannot be told from the "
            "lengths of their bonds, and no formula says; complete the structure"
        )
    _refuse_clashes(result, len(atoms))
    result.info.pop(STATED, None)
    note = Diagnostic(
        "added_hydrogens",
        f"{total} hydrogen atoms were missing and were added at standard geometry; the structure "
        "is relaxed only by `compute`.",
    )
    return result, (note,)


def _filled(atoms: Atoms) -> Atoms:
    """The crystal with hydrogen on every unsaturated atom."""
    result = atoms.copy()
    # methyl groups need the hydrogen atoms of their neighbours, so that it may take two rounds
    while True:
        lacking = np.flatnonzero(unsaturated_atoms(result)[0])
        if not len(lacking):
            return result
        places = {k: riding(site) for k, site in _sites(result, lacking).items()}
        if all(isinstance(place, str) for place in places.values()):
            _refuse(result, {k: place for k, place in places.items() if isinstance(place, str)})
        result = _with(result, places)


def _with(atoms: Atoms, places: dict[int, Array | str]) -> Atoms:
    """The crystal with hydrogen at vectors from atoms, where there are vectors."""
    from ase import Atoms as New

    result = atoms.copy()
    for k, arms in places.items():
        if not isinstance(arms, str):
            result.extend(New("H" * len(arms), positions=atoms.positions[k] + arms))
    return result


def _organic(atoms: Atoms) -> bool:
    return bool((atoms.numbers == 6).any()) and is_molecular(atoms)


def _sites(atoms: Atoms, wanted: Sequence[int] | NDArray[np.intp]) -> dict[int, Site]:
    """What surrounds each of some atoms."""
    linked = bonds(atoms)
    lacking = {int(k) for k in wanted}
    return {
        int(k): Site(int(atoms.numbers[k]), _around(atoms, linked, int(k), lacking)) for k in wanted
    }


def _around(atoms: Atoms, linked: Pairs, centre: int, lacking: set[int]) -> tuple[Neighbour, ...]:
    result = []
    for k in np.flatnonzero(linked.i == centre):
        other, shift = int(linked.j[k]), linked.offset[k]
        place = atoms.positions[other] + shift @ atoms.cell.array
        arms = []
        for m in np.flatnonzero(linked.i == other):
            if int(linked.j[m]) == centre and (linked.offset[m] + shift == 0).all():
                continue
            end = atoms.positions[linked.j[m]] + (linked.offset[m] + shift) @ atoms.cell.array
            arms.append(end - place)
        result.append(
            Neighbour(
                number=int(atoms.numbers[other]),
                arm=place - atoms.positions[centre],
                order=_order(int(atoms.numbers[centre]), int(atoms.numbers[other]), linked, k),
                beyond=np.array(arms).reshape(-1, 3),
                complete=other not in lacking,
            )
        )
    return tuple(result)


def _order(one: int, other: int, linked: Pairs, k: np.intp) -> float:
    """Bond order by length; 1 where no length of a single bond is known."""
    single = SINGLE.get((min(one, other), max(one, other)))
    if single is None:
        return 1.0
    return float(np.exp((single - linked.distance[k]) / SOFTNESS))


def _refuse(atoms: Atoms, reasons: dict[int, str]) -> None:
    groups: dict[str, list[int]] = {}
    for k, reason in reasons.items():
        groups.setdefault(reason, []).append(k)
    reason, members = max(groups.items(), key=lambda item: len(item[1]))
    raise InputError(
        f"hydrogen is missing on {_names(atoms, members)} and cannot be added by geometry: "
        f"{reason}; complete the structure"
    )


def _refuse_clashes(atoms: Atoms, before: int) -> None:
    near = pairs_within(atoms, max(CLASH))
    new = near.i >= before
    heavy = atoms.numbers[near.j] != 1
    bonded = bonds(atoms)
    degree = np.bincount(bonded.i[bonded.i >= before], minlength=len(atoms))
    limit = np.where(heavy, CLASH[0], CLASH[1])
    crowded = new & (near.distance < limit) & ~heavy
    double = np.flatnonzero((np.arange(len(atoms)) >= before) & (degree > 1))
    if crowded.any() or len(double):
        k = int(double[0]) if len(double) else int(near.i[crowded][0])
        owner = int(bonded.j[bonded.i == k][0])
        raise InputError(
            f"hydrogen is missing on {_names(atoms, [owner])} and others, but where geometry puts "
            "it there is another atom; complete the structure"
        )


def _names(atoms: Atoms, members: Sequence[int] | NDArray[np.intp]) -> str:
    """Atoms by element and number in the cell, the first few of many."""
    names = [f"{atoms.symbols[int(k)]}{int(k) + 1}" for k in members[:NAMED]]
    rest = len(members) - len(names)
    if rest:
        return f"{', '.join(names)} and {rest} more atoms"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
