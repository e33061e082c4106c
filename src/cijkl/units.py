"""Physical constants (CODATA 2018, exact where the SI defines them) and unit conversions."""

from __future__ import annotations

import math

__all__ = [
    "AMU_PER_A3_TO_G_PER_CM3",
    "AVOGADRO",
    "BOLTZMANN",
    "EV_PER_A3_TO_GPA",
    "GPA_TO_EV_PER_A3",
    "HBAR",
    "KBAR_TO_GPA",
    "PLANCK",
]

#: elementary charge, C
ELEMENTARY_CHARGE = 1.602176634e-19
#: Planck constant, J s
PLANCK = 6.62607015e-34
#: reduced Planck constant, J s
HBAR = PLANCK / (2.0 * math.pi)
#: Boltzmann constant, J/K
BOLTZMANN = 1.380649e-23
#: Avogadro constant, 1/mol
AVOGADRO = 6.02214076e23
#: atomic mass constant, kg
ATOMIC_MASS = 1.66053906660e-27

#: 1 eV/A^3 in GPa
EV_PER_A3_TO_GPA = ELEMENTARY_CHARGE * 1e30 * 1e-9
#: 1 GPa in eV/A^3
GPA_TO_EV_PER_A3 = 1.0 / EV_PER_A3_TO_GPA
#: 1 kbar in GPa
KBAR_TO_GPA = 0.1
#: 1 amu/A^3 in g/cm^3
AMU_PER_A3_TO_G_PER_CM3 = ATOMIC_MASS * 1e3 * 1e24
#: 1 GPa in Pa
GPA_TO_PA = 1e9
#: 1 g/cm^3 in kg/m^3
G_PER_CM3_TO_KG_PER_M3 = 1e3
#: 1 A in m
ANGSTROM_TO_M = 1e-10
#: 1 GPa A, a stiffness times the period of a layer, in N/m
GPA_A_TO_N_PER_M = GPA_TO_PA * ANGSTROM_TO_M
#: 1 g/cm^3 A, a density times the period of a layer, in kg/m^2
G_PER_CM3_A_TO_KG_PER_M2 = G_PER_CM3_TO_KG_PER_M3 * ANGSTROM_TO_M
