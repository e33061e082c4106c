"""What crystallographers' CIF files hold besides coordinates."""

from __future__ import annotations

import numpy as np
import pytest

from cijkl.errors import InputError
from cijkl.structures import symmetry
from cijkl.structures.cif import cif_blocks, read_cif_block

ICE = """data_test
_chemical_formula_sum '{formula}'
_cell_length_a 4.50(2)
_cell_length_b 4.50(2)
_cell_length_c 7.32(1)
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 120.00(5)
_symmetry_space_group_name_H-M '{group}'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
{sites}
"""


def cif(sites: str, formula: str = "?", group: str = "P 1") -> str:
    return ICE.format(sites=sites, formula=formula, group=group)


def test_uncertainties_and_charges_are_understood() -> None:
    atoms, notes = read_cif_block(
        cif("Zn1 Zn2+ 0.3333(2) 0.6667 0 1.\nO1 O2- 0.33333 0.6667 0.38 1")
    )
    assert sorted(atoms.symbols) == ["O", "Zn"]
    np.testing.assert_allclose(atoms.cell.cellpar(), [4.5, 4.5, 7.32, 90, 90, 120])
    assert "missing_hydrogens" not in [n.code for n in notes]


def test_occupancy_that_is_almost_one_is_full() -> None:
    atoms, _ = read_cif_block(cif("Cu1 Cu 0 0 0 0.998(3)\nO1 O 0 0 0.5 1"))
    assert len(atoms) == 2


@pytest.mark.parametrize("occupancy", ["0.5", "0.98", "0", "1.2"])
def test_other_occupancies_are_refused(occupancy: str) -> None:
    with pytest.raises(InputError, match="occupancy"):
        read_cif_block(cif(f"Cu1 Cu 0 0 0 {occupancy}\nO1 O 0 0 0.5 1"))


@pytest.mark.parametrize(
    ("formula", "codes"),
    [
        ("Cu O", []),
        ("Cu2 O2", []),
        ("Cu O H2", ["missing_hydrogens"]),
        ("Cu O D2", ["missing_hydrogens"]),
        ("Cu2 O", ["formula_mismatch"]),
        ("Cu O Na", ["formula_mismatch"]),
        ("?", []),
    ],
)
def test_formula_is_compared(formula: str, codes: list[str]) -> None:
    _, notes = read_cif_block(cif("Cu1 Cu 0 0 0 1\nO1 O 0 0 0.5 1", formula))
    assert [n.code for n in notes if n.code != "cif_repaired"] == codes


def test_symmetry_is_applied_from_the_name_alone() -> None:
    atoms, _ = read_cif_block(cif("Mg1 Mg 0.33333 0.66667 0.25 1", group="P 63/m m c"))
    assert len(atoms) == 2
    assert symmetry(atoms).number == 194


def test_atoms_of_special_positions_given_with_few_digits_are_not_doubled() -> None:
    from cijkl.structures.geometry import accept

    atoms, _ = read_cif_block(cif("O1 O 0.1667 0.3333 0.25 1", group="P 63/m m c"))
    atoms, _ = accept(atoms)
    assert len(atoms) == 6


def test_long_listings_are_left_out() -> None:
    listing = "_shelx_hkl_file\n;\n" + "1 2 3 45.6 7.8\n" * 100_000 + ";\n"
    ((name, text),) = cif_blocks(listing.join(("data_first\n", "_cell_length_a 4\n")))
    assert name == "first"
    assert len(text) < 200


def test_a_block_too_large_to_parse_is_refused() -> None:
    sites = "\n".join(f"O{n} O 0 0 0 1" for n in range(60_000))
    operations = "loop_\n_symmetry_equiv_pos_as_xyz\n'x,y,z'\n'-x,-y,-z'\n"
    with pytest.raises(InputError, match="too many"):
        read_cif_block(cif(sites) + operations)


def test_tags_in_other_case_and_with_dots() -> None:
    text = cif("Mg1 Mg 0.33333 0.66667 0.25 1", group="P 63/m m c")
    upper = text.replace("_atom_site_fract", "_Atom_Site_FRACT").replace("_H-M", "_h-m")
    dotted = text.replace("_cell_", "_cell.").replace("_atom_site_", "_atom_site.")
    for changed in (upper, dotted):
        ((_, block),) = cif_blocks(changed)
        atoms, _ = read_cif_block(block)
        assert symmetry(atoms).number == 194


@pytest.mark.parametrize(
    ("stated", "codes"), [(194, ["space_group_mismatch"]), (6, []), (1, []), ("?", [])]
)
def test_lost_symmetry_is_noted(stated: object, codes: list[str]) -> None:
    # two atoms in a hexagonal cell, off the places of hexagonal close packing: Pm or less
    sites = "Mg1 Mg 0.30 0.61 0.25 1\nMg2 Mg 0.66667 0.33333 0.75 1"
    number = f"_symmetry_Int_Tables_number {stated}\nloop_"
    _, notes = read_cif_block(cif(sites).replace("loop_", number))
    assert [n.code for n in notes if n.code != "cif_repaired"] == codes
