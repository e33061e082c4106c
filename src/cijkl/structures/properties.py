"""Density and formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cijkl.units import AMU_PER_A3_TO_G_PER_CM3

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["density", "formula", "reduced_formula"]


#: IUPAC's sequence, electropositive elements first
_SEQUENCE = """
    Rn Xe Kr Ar Ne He Fr Cs Rb K Na Li Ra Ba Sr Ca Mg Be
    Lr No Md Fm Es Cf Bk Cm Am Pu Np U Pa Th Ac
    Lu Yb Tm Er Ho Dy Tb Gd Eu Sm Pm Nd Pr Ce La Y Sc
    Hf Zr Ti Ta Nb V W Mo Cr Re Tc Mn Os Ru Fe Ir Rh Co Pt Pd Ni Au Ag Cu Hg Cd Zn
    Tl In Ga Al B Pb Sn Ge Si C Bi Sb As P N H Po Te Se S O At I Br Cl F
"""
_RANK = {symbol: rank for rank, symbol in enumerate(_SEQUENCE.split())}


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

    Carbon compounds with hydrogen are in Hill order, others in IUPAC's sequence of elements, from
    electropositive to electronegative (Nomenclature of Inorganic Chemistry 2005, table VI).

    Examples
    --------
    >>> from ase.build import bulk
    >>> reduced_formula(bulk("NaCl", "rocksalt", a=5.64).repeat(2))
    'NaCl'
    >>> from ase import Atoms
    >>> reduced_formula(Atoms("O4Si2"))
    'SiO2'
    """
    reduced = atoms.symbols.formula.reduce()[0]
    counts = reduced.count()
    if {"C", "H"} <= set(counts):
        return str(reduced.format("hill"))
    ordered = sorted(counts, key=lambda symbol: _RANK.get(symbol, len(_RANK)))
    return "".join(
        symbol + (str(counts[symbol]) if counts[symbol] > 1 else "") for symbol in ordered
    )
