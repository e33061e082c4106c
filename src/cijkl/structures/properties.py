"""Density and formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cijkl.units import AMU_PER_A3_TO_G_PER_CM3

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["density", "formula", "reduced_formula"]


def density(atoms: Atoms) -> float:
    """Give the mass density, g/cm^3.

    Examples
    --------
    >>> from ase.build import bulk
    >>> round(density(bulk("Si", "diamond", a=5.431)), 3)
    2.329
    """
    return float(atoms.get_masses().sum() / atoms.get_volume()) * AMU_PER_A3_TO_G_PER_CM3


def formula(atoms: Atoms) -> str:
    """Give the formula of the cell in Hill order, such as ``C2H8N4O2``."""
    return str(atoms.get_chemical_formula(mode="hill"))


def reduced_formula(atoms: Atoms) -> str:
    """Give the smallest formula with whole numbers, such as ``Al2O3`` or ``CH4N2O``.

    Carbon compounds with hydrogen are in Hill order, others by rising electronegativity of
    the group as chemists write them.

    Examples
    --------
    >>> from ase.build import bulk
    >>> reduced_formula(bulk("NaCl", "rocksalt", a=5.64).repeat(2))
    'NaCl'
    """
    symbols = atoms.symbols.formula.reduce()[0]
    organic = {"C", "H"} <= set(symbols.count())
    return str(symbols.format("hill" if organic else "metal"))
