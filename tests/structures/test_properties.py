"""Density and formula against the literature."""

from __future__ import annotations

from pathlib import Path

import pytest
from ase import Atoms

from cijkl.structures import Crystal, density, formula, read, reduced_formula

EXAMPLES = Path(__file__).parents[2] / "examples"

#: g/cm^3, CRC Handbook of Chemistry and Physics, or X-ray densities of the Handbook of Mineralogy;
#: FeSi4P4 from its measured cell (4.876 5.545 6.064 A, 85.33 68.40 70.43 degrees)
DENSITIES = {
    "FeSi4P4": 3.381,
    "NaCl": 2.165,
    "alpha-quartz": 2.648,
    "corundum": 3.987,
    "rutile": 4.25,
    "silicon": 2.3290,
    "urea": 1.376,
    "wurtzite-ZnO": 5.675,
}


@pytest.mark.parametrize("name", DENSITIES)
def test_density_of_the_examples(name: str) -> None:
    (found,) = read(EXAMPLES / f"{name}.cif")
    assert isinstance(found, Crystal)
    assert density(found.atoms) == pytest.approx(DENSITIES[name], rel=0.012)


def test_formulas() -> None:
    urea = Atoms("C2H8N4O2")
    assert (formula(urea), reduced_formula(urea)) == ("C2H8N4O2", "CH4N2O")
    assert reduced_formula(Atoms("O6Al4")) == "Al2O3"
    assert reduced_formula(Atoms("Cl4Na4")) == "NaCl"
    assert reduced_formula(Atoms("Si8")) == "Si"
