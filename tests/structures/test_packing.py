"""RMSD of 15 molecules: zero for one crystal however it is written, right for another."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from cijkl.errors import InputError
from cijkl.structures.clusters import around, packed
from cijkl.structures.fragments import correspondence, fragments
from cijkl.structures.packing import packing_similarity


def strained(atoms: Atoms, strain: np.ndarray) -> Atoms:
    other = atoms.copy()
    other.set_cell(atoms.cell.array @ (np.eye(3) + strain), scale_atoms=True)
    return other


@pytest.mark.parametrize("name", ["urea", "benzene", "dry_ice"])
def test_a_crystal_matches_itself_however_it_is_written(crystals, name: str) -> None:
    atoms = getattr(crystals, name)()
    others = [
        atoms,
        crystals.rearranged(atoms, 1),
        crystals.rearranged(atoms, 2, crystals.OTHER_CELL),
        atoms.repeat((1, 2, 1)),
    ]
    for other in others:
        for found in (packing_similarity(atoms, other), packing_similarity(other, atoms)):
            assert found.same
            assert found.molecules == 15
            assert found.rmsd < 1e-6
            assert not found.inverted


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_result_depends_on_neither_origin_nor_orientation(crystals, seed: int) -> None:
    other = strained(crystals.urea(), np.diag([0.02, 0.02, -0.03]))
    expected = packing_similarity(crystals.urea(), other)
    found = packing_similarity(
        crystals.rearranged(crystals.urea(), seed), crystals.rearranged(other, seed + 1)
    )
    assert found.matched == expected.matched == 15
    assert found.rmsd == pytest.approx(expected.rmsd, abs=1e-6)


def test_a_small_strain_gives_what_it_moves(crystals) -> None:
    """A strain along the principal axes of the cluster turns nothing."""
    atoms = crystals.benzene()
    cluster = around(packed(atoms), 0, count=15)
    points = np.concatenate([molecule.positions for molecule in cluster.molecules])
    points -= points.mean(axis=0)
    axes = np.linalg.eigh(points.T @ points)[1]
    strain = axes @ np.diag([2.0, -1.5, 0.8]) @ axes.T
    for size in (1e-4, 1e-3, 5e-3):
        found = packing_similarity(atoms, strained(atoms, size * strain))
        moved = np.sqrt(((points @ (size * strain)) ** 2).sum(-1).mean())
        assert found.matched == 15
        assert found.rmsd == pytest.approx(moved, rel=1e-6)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_known_displacements_give_their_rms(crystals, seed: int) -> None:
    """Each atom moved by a vector of its own: superposed by scipy, atoms paired by their order."""
    rng = np.random.default_rng(seed)
    # one molecule for each cell, so that every cluster holds the same displacements
    (molecule,) = fragments(crystals.urea()[[0, 2, 4, 6, 8, 10, 12, 14]])[:1]
    atoms = Atoms("CONN", positions=molecule.positions, cell=np.diag([5.1, 5.6, 4.7]), pbc=True)
    assert len(molecule.atoms) == 4
    other = atoms.copy()
    moves = rng.normal(scale=0.1, size=(4, 3))
    other.positions += moves
    cluster = around(packed(atoms), 0, count=15)
    before = np.concatenate([m.positions for m in cluster.molecules])
    after = before + np.tile(moves, (15, 1))
    _, rssd = Rotation.align_vectors(after - after.mean(0), before - before.mean(0))
    found = packing_similarity(atoms, crystals.rearranged(other, seed))
    assert found.matched == 15
    assert found.rmsd == pytest.approx(rssd / np.sqrt(len(before)), rel=1e-6)
    assert found.rmsd == pytest.approx(np.sqrt((moves**2).sum(-1).mean()), rel=0.5)


def test_polymorphs_do_not_match(crystals) -> None:
    found = packing_similarity(crystals.dry_ice(), crystals.dry_ice_three())
    assert found.matched < 15
    assert not found.same
    # compressed to the same density they are still two
    scale = (crystals.dry_ice_three().get_volume() / 2 / (crystals.dry_ice().get_volume() / 4)) ** (
        1 / 3
    )
    assert (
        packing_similarity(
            crystals.dry_ice(5.624 * scale, 0.1185 / scale), crystals.dry_ice_three()
        ).matched
        < 15
    )


def test_another_arrangement_of_the_same_cell_does_not_match(crystals) -> None:
    """All molecules of carbon dioxide parallel: same centres, other orientations."""
    atoms = crystals.dry_ice()
    centres = atoms.get_scaled_positions()[:4]
    axis = 0.1185 * np.array([1, 1, 1])
    parallel = Atoms(
        "C4O8",
        cell=atoms.cell,
        scaled_positions=np.vstack([centres, centres + axis, centres - axis]),
        pbc=True,
    )
    assert packing_similarity(atoms, parallel).matched < 15
    assert packing_similarity(parallel, atoms).matched < 15


def chiral(crystals) -> Atoms:
    """Urea in a triclinic cell with one molecule, which its mirror image is not."""
    whole = crystals.urea()
    (molecule, *_) = fragments(whole)
    cell = [[5.2, 0, 0], [0.9, 5.6, 0], [-0.7, 1.3, 4.9]]
    return Atoms(whole.numbers[molecule.atoms], positions=molecule.positions, cell=cell, pbc=True)


def test_a_mirror_image_matches_only_where_that_is_allowed(crystals) -> None:
    atoms = chiral(crystals)
    image = atoms.copy()
    image.set_cell(-atoms.cell.array)
    image.positions = -atoms.positions
    image.set_cell(-image.cell.array)
    allowed = packing_similarity(atoms, image)
    assert (allowed.matched, allowed.inverted) == (15, True)
    assert allowed.rmsd < 1e-6
    forbidden = packing_similarity(atoms, image, inversion=False)
    assert not forbidden.inverted
    assert forbidden.rmsd > 0.2
    assert not packing_similarity(atoms, crystals.rearranged(atoms, 3)).inverted


def test_symmetric_molecules_are_compared_in_the_best_way(crystals) -> None:
    (ring, *_) = fragments(crystals.benzene())
    turned = np.roll(np.argsort(np.arctan2(*_in_plane(ring.positions).T)), 1)
    order = np.argsort(np.arctan2(*_in_plane(ring.positions).T))
    placed = np.empty_like(ring.positions)
    placed[order] = ring.positions[turned]
    found = correspondence(ring, ring, placed)
    np.testing.assert_allclose(ring.positions[found], placed, atol=1e-9)
    # an atom is never taken for another element, however near
    (molecule, *_) = fragments(crystals.urea())
    swapped = molecule.positions[::-1]
    kept = correspondence(molecule, molecule, swapped)
    np.testing.assert_array_equal(molecule.colours[kept], molecule.colours)
    assert (molecule.linked[np.ix_(kept, kept)] == molecule.linked).all()


def _in_plane(points: np.ndarray) -> np.ndarray:
    arms = points - points.mean(axis=0)
    return arms @ np.linalg.svd(arms)[2][:2].T


def test_clusters_hold_the_nearest_molecules(crystals) -> None:
    """In Pa-3 twelve neighbours are equally near; two of the next shell complete the cluster."""
    cluster = around(packed(crystals.dry_ice()), 0, count=15)
    distances = np.linalg.norm(cluster.centres, axis=1)
    np.testing.assert_allclose(distances[:13], [0] + [5.624 / np.sqrt(2)] * 12, atol=1e-6)
    assert len(around(packed(crystals.dry_ice()), 0, radius=5.0).molecules) == 13


def test_two_independent_molecules_are_both_looked_at(crystals) -> None:
    """The worse of two clusters counts, so that a change near one molecule is seen."""
    pair = bulk("Ar", "fcc", a=5.3, cubic=True)
    cell = np.diag([11.0, 5.6, 5.2])
    carbon, oxygen = [0.0, 0.0, 0.0], [1.16, 0.0, 0.0]
    atoms = Atoms(
        "COOCOO",
        positions=[
            carbon, oxygen, [-1.16, 0, 0],
            [5.5, 2.0, 2.2], [5.5 + 0.82, 2.82, 2.2], [5.5 - 0.82, 1.18, 2.2],
        ],
        cell=cell,
        pbc=True,
    )  # fmt: skip
    assert len(packed(atoms).independent) == 2
    assert packing_similarity(atoms, crystals.rearranged(atoms, 5)).rmsd < 1e-6
    # single atoms are molecules, too
    assert packing_similarity(pair, crystals.rearranged(pair, 5)).rmsd < 1e-6


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (
            molecule("CO2", cell=[4, 5, 6], pbc=True),
            molecule("CH4", cell=[4, 5, 6], pbc=True),
            "different molecules",
        ),
        (bulk("Si"), bulk("Si"), "no crystal of finite molecules"),
    ],
)
def test_what_cannot_be_compared_is_said(crystals, first: Atoms, second: Atoms, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        packing_similarity(first, second)
    assert "\n" not in str(caught.value)


def test_a_cluster_of_one_is_refused(crystals) -> None:
    with pytest.raises(InputError, match="at least two"):
        packing_similarity(crystals.urea(), crystals.urea(), size=1)


def test_larger_clusters_can_be_asked_for(crystals) -> None:
    found = packing_similarity(
        crystals.benzene(), strained(crystals.benzene(), np.diag([0.01, 0, 0])), size=30
    )
    assert (found.matched, found.molecules) == (30, 30)
    assert (
        found.rmsd
        > packing_similarity(
            crystals.benzene(), strained(crystals.benzene(), np.diag([0.01, 0, 0]))
        ).rmsd
    )
