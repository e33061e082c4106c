"""Atoms from plain lists: the one place where species, cells and coordinates are accepted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cijkl.errors import Diagnostic, InputError

if TYPE_CHECKING:
    from ase import Atoms
    from numpy.typing import NDArray

__all__ = ["build_atoms", "element", "not_periodic", "one_line", "partial_occupancy"]

#: masses of the hydrogen isotopes that crystallographers write as elements, amu (AME2020)
ISOTOPE_MASSES = {"D": 2.01410178, "T": 3.01604928}

#: no length in A and no fractional coordinate is larger
LARGEST = 1e9

_SPECIES = re.compile(r"([A-Z][a-z]?)(?:\d*[+-]\d*|0\+|\d)?$")
_known: dict[str, int] = {}


def build_atoms(
    species: Sequence[str],
    lattice: Any,
    *,
    fractional: Any = None,
    cartesian: Any = None,
) -> tuple[Atoms, tuple[Diagnostic, ...]]:
    """Give periodic atoms, and what was noted while building them.

    Parameters
    ----------
    species
        Chemical symbols, n of them; an oxidation state such as ``Fe3+`` is dropped, D and T are
        hydrogen with their own mass.
    lattice
        Lattice vectors as rows (3, 3), A.
    fractional, cartesian
        Coordinates (n, 3); exactly one of the two. Cartesian in A.

    Raises
    ------
    InputError
        For an unknown element, coordinates of another number than species, or anything that is
        not a finite number.
    """
    from ase import Atoms

    if isinstance(species, str) or not isinstance(species, Sequence):
        raise InputError("species must be a list of element symbols")
    try:
        numbers = [_known[symbol] for symbol in species]
    except (KeyError, TypeError):
        numbers = [_atomic_number(symbol) for symbol in species]
    cell = _numbers(lattice, (3, 3), "the lattice", "3x3 numbers (rows are vectors, A)")
    given = fractional if cartesian is None else cartesian
    if len(numbers) == 0:
        raise InputError("there are no atoms")
    shape = (len(numbers), 3)
    coordinates = _numbers(given, shape, "the coordinates", f"{len(numbers)}x3, one row an atom")
    positions = coordinates @ cell if cartesian is None else coordinates
    atoms = Atoms(numbers=numbers, positions=positions, cell=cell, pbc=True)
    heavy = [i for i, symbol in enumerate(species) if symbol[0] in "DT" and symbol[1:2] in "+-0"]
    if not heavy:
        return atoms, ()
    masses = atoms.get_masses()
    for i in heavy:
        masses[i] = ISOTOPE_MASSES[species[i][0]]
    atoms.set_masses(masses)
    note = Diagnostic(
        "isotopes",
        f"{len(heavy)} atoms of deuterium or tritium are treated as hydrogen with their own mass.",
    )
    return atoms, (note,)


def element(symbol: object) -> str:
    """Give the element symbol of a species such as ``Fe``, ``Fe3+`` or ``D``.

    Raises
    ------
    InputError
        If it is no element.

    Examples
    --------
    >>> element("O2-"), element("D")
    ('O', 'H')
    """
    from ase.data import chemical_symbols

    return str(chemical_symbols[_atomic_number(symbol)])


def one_line(text: object, limit: int = 240) -> str:
    """Give a message as one printable line of bounded length.

    >>> one_line("first\\nsecond\\x00")
    'first second'
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    return line if len(line) <= limit else line[: limit - 3] + "..."


def partial_occupancy(site: str, species: str) -> str:
    """Say that a site is disordered."""
    return (
        f"partial occupancy: {site} holds {species}; elastic constants need an ordered crystal, "
        "so choose one of the alternatives or build an ordered supercell"
    )


def not_periodic(directions: int) -> str:
    """Say that a structure has no three-dimensional cell."""
    found = "no cell" if directions == 0 else f"periodic in {directions} of 3 directions"
    return f"{found}; a crystal needs three lattice vectors and periodicity in all directions"


def _atomic_number(symbol: object) -> int:
    from ase.data import atomic_numbers

    match = _SPECIES.match(symbol.strip()) if isinstance(symbol, str) else None
    name = match.group(1) if match else ""
    number = 1 if name in ISOTOPE_MASSES else int(atomic_numbers.get(name, 0))
    if not 1 <= number <= 118:
        raise InputError(f"unknown element {one_line(repr(symbol), 40)}; symbols are like Si or Fe")
    if isinstance(symbol, str) and len(_known) < 1000:
        _known[symbol] = number
    return number


def _numbers(given: Any, shape: tuple[int, int], name: str, expected: str) -> NDArray[np.float64]:
    try:
        array = np.array(given, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{name} must be {expected}, and hold nothing but numbers") from None
    if array.shape != shape:
        size = "x".join(map(str, array.shape)) or "a single number"
        raise InputError(f"{name} must be {expected}; found {size}")
    if not np.isfinite(array).all():
        raise InputError(f"a value of {name} is not finite (NaN or infinity)")
    if array.size and np.abs(array).max() > LARGEST:
        raise InputError(f"a value of {name} is larger than {LARGEST:g}; check it and its unit")
    return array
