"""Part of the published benchmark, 66 of its 237 rows (takuyhaa/NNP-Modulus-MolecularCrystal, MIT).

Of HMT, RDX, anthracene, aspirin, beta-HMX, malonic acid, resorcinol, urea, TCNE, citric acid,
melamine and sulfur all rows are there.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from cijkl.datasets.molecular_tensors import read_molecular_tensors

EXCERPT = Path(__file__).parent / "excerpt.csv"


@pytest.fixture(scope="session")
def rows():
    return read_molecular_tensors(EXCERPT)


@pytest.fixture(scope="session")
def excerpt():
    return EXCERPT
