"""Which crystals of a database are organic, which are complexes, which inorganic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["KINDS", "Kind", "chemical_kind"]

Kind = Literal["organic", "complex", "inorganic"]
KINDS: tuple[Kind, ...] = ("organic", "complex", "inorganic")

HYDROGEN, CARBON = 1, 6
#: a carbon with one of these neighbours belongs to an organic molecule or ligand: H, C, N
ORGANIC_NEIGHBOURS = (1, 6, 7)


def chemical_kind(atoms: Atoms) -> Kind:
    """Whether a crystal is organic, a complex of a metal with something organic, or inorganic.

    The rule is ours; Taniguchi, Faraday Discuss. 256, 139 (2025), makes the same three classes of
    MPtrj, by a rule that we could not source.

    - *organic*: carbon and hydrogen are there, no element is a metal, and some carbon is bonded
      to hydrogen, carbon or nitrogen;
    - *complex*: the same, but with a metal;
    - *inorganic*: all others. Carbonates and bicarbonates are inorganic, since their carbon has
      oxygen around it only; so are carbon dioxide and cyanides without hydrogen, and carbides.

    Non-metals are H, B, C, N, O, F, Si, P, S, Cl, Ge, As, Se, Br, Te, I and the noble gases. Two
    atoms are bonded up to 1.2 times the sum of their covalent radii.

    Parameters
    ----------
    atoms
        A crystal.

    Examples
    --------
    >>> from ase.build import bulk
    >>> chemical_kind(bulk("Si"))
    'inorganic'
    """
    from cijkl.structures.bonds import bonds
    from cijkl.structures.molecules import MOLECULAR_ELEMENTS

    numbers = {int(number) for number in atoms.numbers}
    # composition first: of a database of inorganic crystals it leaves few
    if not {HYDROGEN, CARBON} <= numbers:
        return "inorganic"
    found = bonds(atoms)
    of_carbon = atoms.numbers[found.j[atoms.numbers[found.i] == CARBON]]
    if not np.isin(of_carbon, ORGANIC_NEIGHBOURS).any():
        return "inorganic"
    return "organic" if numbers <= MOLECULAR_ELEMENTS else "complex"
