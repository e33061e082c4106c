from cijkl import units


def test_conversions_agree_with_ase():
    """An independent table of constants (CODATA 2014 there: seven digits agree)."""
    from ase import units as ase_units

    assert abs(units.GPA_TO_EV_PER_A3 / ase_units.GPa - 1) < 1e-7
    assert abs(units.EV_PER_A3_TO_GPA / 160.21766208 - 1) < 1e-7
    assert abs(units.BOLTZMANN / (ase_units.kB * 1.602176634e-19) - 1) < 1e-5
    assert abs(units.PLANCK / units.HBAR - 6.283185307179586) < 1e-12


def test_density_of_one_carbon_atom_in_a_cubic_angstrom():
    """12.011 g/mol over Avogadro's number, in 1e-24 cm^3."""
    expected = 12.011 / units.AVOGADRO * 1e24
    assert abs(12.011 * units.AMU_PER_A3_TO_G_PER_CM3 / expected - 1) < 1e-9


def test_units_of_a_layer():
    assert abs(units.GPA_A_TO_N_PER_M / 0.1 - 1) < 1e-12
    assert abs(units.G_PER_CM3_A_TO_KG_PER_M2 / 1e-7 - 1) < 1e-12
