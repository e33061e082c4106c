"""The table of elements against other tables of the same properties."""

from __future__ import annotations

import numpy as np
import pytest
from ase.data import atomic_masses, chemical_symbols

from cijkl.models.elements import KNOWN, _table, atomic_radii, element_features


def column(name: str) -> np.ndarray:
    return np.array([float(row[name]) if row[name] else np.nan for row in _table()])


def test_rows_are_the_elements_in_order():
    assert [row["symbol"] for row in _table()] == chemical_symbols[1 : KNOWN + 1]
    assert [int(row["number"]) for row in _table()] == list(range(1, KNOWN + 1))


def test_masses_are_those_of_ase():
    np.testing.assert_allclose(column("atomic_mass"), atomic_masses[1 : KNOWN + 1], rtol=2e-2)


def test_radii_and_electronegativities_are_those_of_pymatgen():
    from pymatgen.core import Element

    for z, radius, chi in zip(
        range(1, KNOWN + 1), column("atomic_radius"), column("electronegativity"), strict=True
    ):
        data = Element.from_Z(z).data
        if not np.isnan(radius):
            assert float(data["Atomic radius"]) == pytest.approx(radius)
        if not np.isnan(chi):
            assert pytest.approx(chi) == Element.from_Z(z).X
    # those that a compound of the data most often has are all known
    common = [8, 14, 13, 26, 20, 11, 12, 22, 7, 16]
    assert not np.isnan(column("atomic_radius")[np.array(common) - 1]).any()
    assert not np.isnan(column("electronegativity")[np.array(common) - 1]).any()


def test_measured_bulk_moduli():
    # Kittel, Introduction to Solid State Physics, table 3 of chapter 3, GPa
    kittel = {13: 72.2, 29: 137, 26: 168.3, 74: 323.2, 12: 35.4, 14: 98.8}
    for z, modulus in kittel.items():
        assert column("bulk_modulus")[z - 1] == pytest.approx(modulus, rel=0.3)


def test_features_are_standardised_and_tell_elements_apart():
    features = element_features()
    assert features.shape == (KNOWN, 24)
    assert np.isfinite(features).all()
    assert len(np.unique(features, axis=0)) == KNOWN
    chi = column("electronegativity")
    known = ~np.isnan(chi)
    standard = (chi[known] - chi[known].mean()) / chi[known].std()
    np.testing.assert_allclose(features[known, 4], standard, atol=1e-12)
    # absence is zero, and said in a column of its own
    np.testing.assert_array_equal(features[~known, 4], 0.0)
    np.testing.assert_array_equal(features[:, 20] != 0.0, ~known)
    with pytest.raises(ValueError, match="read-only"):
        features[0, 0] = 1.0


def test_radii_without_a_value_are_usual():
    radii = atomic_radii()
    assert radii[5] == pytest.approx(0.7)  # carbon, Slater 1964
    assert radii[54] == pytest.approx(2.6)  # caesium, the largest
    assert radii[1] == 1.5  # helium has none
    assert radii.shape == (KNOWN,)
