"""What is doubtful about a crystal: diagnostics that travel with its results."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from cijkl.errors import Diagnostic
from cijkl.structures.bonds import bonds, cell_heights, covalent_radii, pairs_within
from cijkl.structures.geometry import MAX_ATOMS, refuse_impossible
from cijkl.structures.molecules import is_molecular
from cijkl.structures.near_symmetry import may_gain_operations
from cijkl.structures.symmetry_search import search
from cijkl.structures.valence import missing_hydrogens

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.structures.spacegroup import Symmetry

__all__ = ["check", "doubts"]

#: empty space between atomic planes (A); the widest interlayer gap of 33,000 bulk crystals is 6.2
VACUUM = 6.5
#: share of the cell inside covalent spheres (0.6 A for hydrogen): 0.13 to 1.5 in inorganic
#: crystals; zeolites reach 0.11
PACKING = (0.12, 1.6)
#: volume over the sum of `MOLECULAR_VOLUMES`: 0.81 to 1.33 in molecular crystals
MOLECULAR_RATIO = (0.78, 1.4)
#: mean volume of an atom in molecular crystals at room temperature, A^3
#: (D. W. M. Hofmann, Acta Cryst. B58, 489 (2002))
MOLECULAR_VOLUMES = {
    1: 5.08, 5: 13.24, 6: 13.87, 7: 11.8, 8: 11.39, 9: 11.17, 14: 37.3, 15: 29.5, 16: 25.2,
    17: 25.8, 35: 32.7, 53: 46.2,
}  # fmt: skip
#: two atoms below this share of their covalent radii are doubtful (impossible below 0.5); the
#: smallest of 33,000 crystals is 0.65
CLOSE = 0.6
#: two hydrogens, other than H2, nearer than this (A) are one hydrogen in two alternative places
CLOSE_HYDROGENS = 1.1
#: tolerances (A) between which the space group should not change
TOLERANCES = (1e-3, 1e-1)


def check(atoms: Atoms, *, max_atoms: int = MAX_ATOMS) -> tuple[Diagnostic, ...]:
    """Give the doubts about a crystal, none if it looks sound.

    Codes: ``missing_hydrogens``, ``close_atoms``, ``large_vacuum``, ``low_density``,
    ``unusual_volume``, ``symmetry_tolerance``.

    Parameters
    ----------
    max_atoms
        Largest number of atoms.

    Raises
    ------
    InputError
        If it cannot be computed at all: no atoms, no three-dimensional cell, positions that are
        not finite, unknown elements, atoms closer than half the sum of their covalent radii, or
        a volume per atom that no crystal has.
    """
    refuse_impossible(atoms, max_atoms)
    return doubts(atoms)


def doubts(atoms: Atoms, group: Symmetry | None = None) -> tuple[Diagnostic, ...]:
    """Give the doubts of `check` about a crystal that is not impossible.

    Parameters
    ----------
    group
        Its symmetry, if known, which saves time.
    """
    found = [*_hydrogens(atoms), *_contacts(atoms), *_vacuum(atoms), *_volume(atoms)]
    return (*found, *_tolerance(atoms, group))


def _hydrogens(atoms: Atoms) -> Iterator[Diagnostic]:
    count, lacking = missing_hydrogens(atoms)
    if count:
        yield Diagnostic(
            "missing_hydrogens",
            f"{count} of the C, N and O atoms have too few bonds; about "
            f"{max(1, round(lacking))} hydrogen atoms seem to be missing, add them first.",
        )


def _contacts(atoms: Atoms) -> Iterator[Diagnostic]:
    near = pairs_within(atoms, 2 * CLOSE * float(covalent_radii(atoms.numbers).max()))
    radii = covalent_radii(atoms.numbers)
    close = near.distance < CLOSE * (radii[near.i] + radii[near.j])
    if (atoms.numbers == 1).any():
        near_h = pairs_within(atoms, CLOSE_HYDROGENS)
        hydrogen = atoms.numbers == 1
        links = bonds(atoms)
        # the two atoms of H2 are bonded to nothing heavier
        held = np.isin(np.arange(len(atoms)), links.i[~hydrogen[links.j]])
        doubles = hydrogen[near_h.i] & hydrogen[near_h.j] & (held[near_h.i] | held[near_h.j])
        if doubles.any():
            shortest = near_h.distance[doubles].min()
            yield Diagnostic(
                "close_atoms",
                f"{int(doubles.sum()) // 2} pairs of hydrogen atoms are as near as "
                f"{shortest:.2f} A; probably alternatives of one disordered atom, keep one.",
            )
            return
    if close.any():
        k = int(np.argmin(np.where(close, near.distance, np.inf)))
        yield Diagnostic(
            "close_atoms",
            f"{atoms.symbols[near.i[k]]} (atom {near.i[k] + 1}) and {atoms.symbols[near.j[k]]} "
            f"(atom {near.j[k] + 1}) are only {near.distance[k]:.2f} A apart.",
        )


def _vacuum(atoms: Atoms) -> Iterator[Diagnostic]:
    heights = np.sort(atoms.get_scaled_positions(), axis=0)
    gaps = np.diff(np.vstack([heights, heights[:1] + 1.0]), axis=0).max(axis=0)
    widest = gaps * cell_heights(atoms.cell.array)
    empty = np.flatnonzero(widest > VACUUM)
    if len(empty):
        kind = {1: "a layer", 2: "a chain", 3: "a molecule"}[len(empty)]
        names = " and ".join("abc"[axis] for axis in empty)
        yield Diagnostic(
            "large_vacuum",
            f"{widest.max():.1f} A of empty space across {names}: {kind} in vacuum, for which "
            "bulk elastic constants have no meaning.",
        )


def _volume(atoms: Atoms) -> Iterator[Diagnostic]:
    numbers, volume = atoms.numbers, atoms.get_volume()
    if {int(z) for z in numbers} <= set(MOLECULAR_VOLUMES) and is_molecular(atoms):
        value = volume / sum(MOLECULAR_VOLUMES[int(z)] for z in numbers)
        low, high = MOLECULAR_RATIO
        loose, dense = value > high, value < low
        text = f"The volume is {value:.2f} of what its atoms take in molecular crystals"
    else:
        radii = np.where(numbers == 1, 0.6, covalent_radii(numbers))
        value = 4 / 3 * np.pi * float((radii**3).sum()) / volume
        low, high = PACKING
        loose, dense = value < low, value > high
        text = f"Covalent spheres fill {100 * value:.0f} % of the cell"
    if loose:
        yield Diagnostic(
            "low_density", f"{text}: porous, or atoms such as solvent or hydrogen are missing."
        )
    if dense:
        yield Diagnostic("unusual_volume", f"{text}: under high pressure, or the cell is wrong.")


def _tolerance(atoms: Atoms, group: Symmetry | None) -> Iterator[Diagnostic]:
    if group is not None and _is_clear_cut(atoms, group):
        return
    strict, loose = (search(atoms, tolerance) for tolerance in TOLERANCES)
    if loose is None:
        return
    few = 1 if strict is None else len(strict.rotations)
    name = "P1 (1)" if strict is None else f"{strict.symbol} ({strict.number})"
    # where the loose search finds no more operations, it has only failed in another way
    if len(loose.rotations) > few:
        yield Diagnostic(
            "symmetry_tolerance",
            f"The space group is {name} within {TOLERANCES[0]:g} A but {loose.symbol} "
            f"({loose.number}) within {TOLERANCES[1]:g} A; the crystal is close to a higher "
            "symmetry.",
        )


def _is_clear_cut(atoms: Atoms, group: Symmetry) -> bool:
    """Whether all tolerances surely give the same operations."""
    strictest, loosest = TOLERANCES
    return (
        strictest <= group.tolerance <= loosest
        and group.deviation < strictest / 3
        and not group.diagnostics
        and not may_gain_operations(atoms, group, loosest)
    )
