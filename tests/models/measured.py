"""Crystals whose bulk moduli have been measured, for tests that learn.

Elements: structures of ASE's table, moduli of pymatgen's periodic table. Compounds: structure,
lattice parameter (A) and adiabatic bulk modulus (GPa) at room temperature, rounded handbook values
(Landolt-Börnstein III/29a; Kittel; Adachi, Properties of Group-IV, III-V and II-VI Semiconductors).
"""

from __future__ import annotations

import warnings
from functools import cache

import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.data import chemical_symbols, reference_states

_COMPOUNDS = """
    LiF rocksalt 4.03 67, LiCl rocksalt 5.13 30, NaF rocksalt 4.62 47, NaCl rocksalt 5.64 25,
    NaBr rocksalt 5.97 20, NaI rocksalt 6.47 15, KF rocksalt 5.35 31, KCl rocksalt 6.29 17.5,
    KBr rocksalt 6.60 15, KI rocksalt 7.07 11.7, RbCl rocksalt 6.58 15.6, RbI rocksalt 7.34 10.6,
    MgO rocksalt 4.21 163, CaO rocksalt 4.81 113, SrO rocksalt 5.16 88, BaO rocksalt 5.54 66,
    TiC rocksalt 4.33 240, TiN rocksalt 4.24 290, PbS rocksalt 5.94 62, PbTe rocksalt 6.46 40,
    AlP zincblende 5.46 86, AlAs zincblende 5.66 78, AlSb zincblende 6.14 58,
    GaP zincblende 5.45 88, GaAs zincblende 5.65 75, GaSb zincblende 6.10 56,
    InP zincblende 5.87 72, InAs zincblende 6.06 58, InSb zincblende 6.48 47,
    ZnS zincblende 5.41 77, ZnSe zincblende 5.67 62, ZnTe zincblende 6.10 51,
    CdTe zincblende 6.48 42, SiC zincblende 4.36 225, BN zincblende 3.615 400,
    CsCl cesiumchloride 4.12 18, CsBr cesiumchloride 4.29 15.6, CsI cesiumchloride 4.57 12.6,
    C diamond 3.567 443, Ge diamond 5.658 75
"""


@cache
def measured() -> tuple[tuple[Atoms, ...], np.ndarray]:
    """Crystals and their bulk moduli, GPa."""
    found = [*_elements(), *_compounds()]
    return tuple(atoms for atoms, _ in found), np.array([modulus for _, modulus in found])


def _compounds():
    for entry in _COMPOUNDS.split(","):
        name, structure, length, modulus = entry.split()
        yield bulk(name, structure, a=float(length)), float(modulus)


def _elements():
    from pymatgen.core import Element

    for z in range(3, 93):
        reference = reference_states[z]
        modulus = Element.from_Z(z).data.get("Bulk modulus")
        # selenium and tellurium are chains, which ASE's table does not say
        if reference and reference["symmetry"] in ("fcc", "bcc", "hcp") and z not in (34, 52):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                atoms = bulk(chemical_symbols[z])
            if modulus is not None:
                yield atoms, float(str(modulus).split()[0])
