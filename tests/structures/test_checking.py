"""Doubts: each is raised by a crystal that deserves it, and by none that does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from cijkl.errors import InputError
from cijkl.structures import Crystal, check, read

EXAMPLES = Path(__file__).parents[2] / "examples"


def example(name: str) -> Atoms:
    (found,) = read(EXAMPLES / f"{name}.cif")
    assert isinstance(found, Crystal)
    return found.atoms


def codes(atoms: Atoms) -> list[str]:
    return [d.code for d in check(atoms)]


def benzene() -> Atoms:
    """Benzene, Pbca: Bacon, Curry and Wilson, Proc. R. Soc. A 279, 98 (1964), at 218 K."""
    sites = {
        "C": [[-0.0569, 0.1387, -0.0054], [-0.1335, 0.0460, 0.1264], [-0.0774, -0.0925, 0.1295]],
        "H": [[-0.0976, 0.2447, -0.0177], [-0.2409, 0.0794, 0.2218], [-0.1371, -0.1631, 0.2312]],
    }
    signs = np.array([[1, 1, 1], [-1, -1, 1], [-1, 1, -1], [1, -1, -1]])
    halves = np.array([[0, 0, 0], [0.5, 0, 0.5], [0, 0.5, 0.5], [0.5, 0.5, 0]])
    symbols: list[str] = []
    places: list[np.ndarray] = []
    for symbol, rows in sites.items():
        for x in np.array(rows):
            images = np.vstack([signs * x + halves, -(signs * x + halves)])
            symbols += [symbol] * 8
            places += list(images)
    return Atoms(symbols, cell=[7.44, 9.55, 6.92], scaled_positions=np.array(places), pbc=True)


@pytest.mark.parametrize("name", sorted(path.stem for path in EXAMPLES.glob("*.cif")))
def test_good_crystals_raise_no_doubt(name: str) -> None:
    assert codes(example(name)) == []


@pytest.mark.parametrize("element", ["Cu", "Cs", "H", "W", "Ar", "U"])
def test_elements_raise_no_doubt(element: str) -> None:
    if element == "H":
        # hexagonal close packing of H2, a = 3.79 A, molecules along c
        z = 0.371 / 6.17
        places = [[1 / 3, 2 / 3, 0.25 - z], [1 / 3, 2 / 3, 0.25 + z]]
        places += [[2 / 3, 1 / 3, 0.75 - z], [2 / 3, 1 / 3, 0.75 + z]]
        atoms = Atoms("H4", cell=[3.79, 3.79, 6.17, 90, 90, 120], scaled_positions=places, pbc=True)
    elif element == "U":
        atoms = Atoms(
            "U2",
            cell=[[1.427, -2.935, 0], [1.427, 2.935, 0], [0, 0, 4.955]],
            scaled_positions=[[0.1025, 0.8975, 0.25], [0.8975, 0.1025, 0.75]],
            pbc=True,
        )
    else:
        atoms = bulk(element)
    assert "close_atoms" not in codes(atoms)
    assert "large_vacuum" not in codes(atoms)
    assert "unusual_volume" not in codes(atoms)


@pytest.mark.parametrize("atoms", [benzene(), example("urea")])
def test_complete_molecules_lack_no_hydrogen(atoms: Atoms) -> None:
    assert codes(atoms) == []


@pytest.mark.parametrize(("atoms", "least"), [(benzene(), 18), (example("urea"), 5)])
def test_missing_hydrogens_are_counted(atoms: Atoms, least: int) -> None:
    bare = atoms[atoms.numbers != 1]
    found = {d.code: d.message for d in check(bare)}
    assert "missing_hydrogens" in found
    lacking = int(found["missing_hydrogens"].split("about ")[1].split()[0])
    assert least <= lacking <= (atoms.numbers == 1).sum()


def test_one_missing_hydrogen_of_a_ring_is_seen() -> None:
    atoms = benzene()
    del atoms[int(np.flatnonzero(atoms.numbers == 1)[0])]
    assert codes(atoms) == ["missing_hydrogens"]


def test_inorganic_carbon_lacks_no_hydrogen() -> None:
    graphite = Atoms(
        "C4",
        cell=[2.464, 2.464, 6.711, 90, 90, 120],
        scaled_positions=[[0, 0, 0.25], [0, 0, 0.75], [1 / 3, 2 / 3, 0.25], [2 / 3, 1 / 3, 0.75]],
        pbc=True,
    )
    # calcite: Graf, Am. Mineral. 46, 1283 (1961)
    x = 0.2578
    carbonate = np.array([[x, -x, 0], [0, x, -x], [-x, 0, x]])
    fractional = np.vstack(
        [np.outer([0, 0.5, 0.25, 0.75], [1, 1, 1]), 0.25 + carbonate, 0.75 - carbonate]
    )
    lattice = _rhombohedral(4.990, 17.061)
    calcite = Atoms("Ca2C2O6", cell=lattice, scaled_positions=fractional, pbc=True)
    assert _nearest(calcite, "C", "O") == pytest.approx(1.287, abs=0.01)
    dry_ice = Atoms("C4O8", cell=[5.624] * 3, scaled_positions=_carbon_dioxide(0.1185), pbc=True)
    diamond, carbide = bulk("C"), bulk("TiC", "rocksalt", a=4.33)
    for atoms in (graphite, calcite, dry_ice, diamond, carbide):
        assert "missing_hydrogens" not in codes(atoms)


def _rhombohedral(a: float, c: float) -> np.ndarray:
    r, h = a / np.sqrt(3), c / 3
    angles = np.radians([90, 210, 330])
    return np.column_stack([r * np.cos(angles), r * np.sin(angles), np.full(3, h)])


def _carbon_dioxide(u: float) -> np.ndarray:
    centres = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    axes = np.array([[1, 1, 1], [-1, 1, -1], [-1, -1, 1], [1, -1, -1]])
    return np.vstack([centres, centres + u * axes, centres - u * axes])


def _nearest(atoms: Atoms, one: str, other: str) -> float:
    distances = atoms.get_all_distances(mic=True)
    pairs = np.ix_(atoms.symbols == one, atoms.symbols == other)
    return float(distances[pairs].min())


def test_vacuum() -> None:
    slab = bulk("Cu", cubic=True)
    slab.cell[2, 2] += 12
    assert "large_vacuum" in codes(slab)
    message = next(d.message for d in check(slab) if d.code == "large_vacuum")
    assert "across c" in message
    assert "a layer" in message
    box = Atoms("CO", positions=[[0, 0, 0], [0, 0, 1.13]], cell=[8, 8, 8], pbc=True)
    assert "a molecule in vacuum" in next(d.message for d in check(box) if d.code == "large_vacuum")


def test_density() -> None:
    loose = example("urea")
    loose.set_cell(loose.cell.array * 1.0, scale_atoms=True)
    loose.cell[2] *= 1.5
    assert "low_density" in codes(loose)
    dense = bulk("Cs", a=6.05 * 0.7)
    assert "unusual_volume" in codes(dense)


def test_close_hydrogens_of_a_disordered_group() -> None:
    atoms = benzene()
    first = int(np.flatnonzero(atoms.numbers == 1)[0])
    atoms += Atoms("H", positions=[atoms.positions[first] + [0, 0, 0.75]])
    assert "close_atoms" in codes(atoms)


def test_symmetry_that_depends_on_the_tolerance() -> None:
    atoms = example("NaCl")
    atoms.positions[0] += [0.03, 0, 0]
    assert "symmetry_tolerance" in codes(atoms)
    atoms.positions[0] += [0.3, 0.1, 0]
    assert "symmetry_tolerance" not in codes(atoms)


@pytest.mark.parametrize(
    ("atoms", "words"),
    [
        (Atoms(cell=[4, 4, 4], pbc=True), "no atoms"),
        (Atoms("Cu"), "no cell"),
        (Atoms("Cu", cell=[4, 4, 4], pbc=[True, True, False]), "2 of 3"),
        (Atoms("Cu", cell=[[4, 0, 0], [0, 4, 0], [4, 4, 0]], pbc=True), "no volume"),
        (Atoms("Cu", positions=[[0, np.nan, 0]], cell=[4, 4, 4], pbc=True), "not finite"),
        (Atoms("X", cell=[4, 4, 4], pbc=True), "no known element"),
        (Atoms("Cu2", positions=[[0, 0, 0], [0, 0, 1]], cell=[4, 4, 4], pbc=True), "1.00 A apart"),
        (Atoms("Cu", cell=[20, 20, 20], pbc=True), "volume per atom"),
        (Atoms("H", cell=[1.0, 1.0, 1.0], pbc=True), "volume per atom"),
        (Atoms("Cu", cell=[4, 4, 0.3], pbc=True), "thick"),
        (Atoms("Cu", cell=[4, 4, 1e200], pbc=True), "unit"),
        (Atoms("Cu", positions=[[1e200, 0, 0]], cell=[4, 4, 4], pbc=True), "unit"),
        (bulk("Cu") * (18, 18, 18), "at most 5000"),
    ],
)
def test_impossible_structures_are_refused(atoms: Atoms, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        check(atoms)
    assert "\n" not in str(caught.value)
