"""Hydrogen bonds of a crystal, by their geometry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.structures.bonds import Pairs, bonds, pairs_within
from cijkl.structures.molecules import components

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.structures.networks import Contact

__all__ = ["HydrogenBond", "hydrogen_bonds"]

Array = NDArray[np.float64]

H, C, N, O, F, S = 1, 6, 7, 8, 9, 16  # noqa: E741 - chemical symbols
HALOGENS = (9, 17, 35, 53)
#: lengths that neutrons find, A, to which X-ray positions of hydrogen are moved out (O-H, N-H:
#: F. H. Allen and I. J. Bruno, Acta Cryst. B66, 380 (2010); F-H, S-H, Cl-H: of the molecules)
DONORS = {7: 1.015, 8: 0.993, 9: 0.917, 16: 1.34, 17: 1.275}
#: van der Waals radii, A (A. Bondi, J. Phys. Chem. 68, 441 (1964))
RADII = {1: 1.20, 7: 1.55, 8: 1.52, 9: 1.47, 16: 1.80, 17: 1.75, 35: 1.85, 53: 1.98}
#: by how much hydrogen and acceptor are closer than their radii add up to, A
CLOSER = 0.2
#: smallest angle at the hydrogen, degrees; below it contacts mean little (P. A. Wood, F. H. Allen
#: and E. Pidcock, CrystEngComm 11, 1563 (2009))
ANGLE = 120.0
#: farthest that a hydrogen is from its donor, A; in the strongest bonds it is in the middle
FARTHEST_HYDROGEN = 1.4
#: sum of angles about an atom with three bonds above which it is flat and has no free pair, degrees
FLAT = 350.0


@dataclass(frozen=True)
class HydrogenBond:
    """A contact D-H...A.

    Parameters
    ----------
    donor, hydrogen, acceptor
        Indices of the atoms.
    distance
        H...A, A, with the hydrogen at the length that neutrons find.
    donor_distance
        D...A, A.
    angle
        D-H...A, degrees.
    direction
        Unit vector (3) from donor to acceptor, Cartesian.
    contact
        The molecules of donor and acceptor, in the order of `components`, and the translation
        from one to the other.
    """

    donor: int
    hydrogen: int
    acceptor: int
    distance: float
    donor_distance: float
    angle: float
    direction: tuple[float, float, float]
    contact: Contact

    @property
    def intramolecular(self) -> bool:
        """Whether it is within one molecule."""
        one, other, shift = self.contact
        return one == other and not any(shift)


def hydrogen_bonds(atoms: Atoms) -> tuple[HydrogenBond, ...]:
    """Give the hydrogen bonds of the cell, shortest first.

    Donors are N, O, F, S and Cl with a hydrogen. Acceptors are O; N with a free pair, which
    neither ammonium nor flat nitrogen with three bonds has; S with at most two bonds; halide ions
    and hydrogen halides, not halogen on carbon. A bond is shorter than the sum of the van der Waals
    radii of H and A by 0.2 A at least, and its angle at H is 120 degrees or more; one hydrogen may
    have several acceptors.

    Parameters
    ----------
    atoms
        A crystal with its hydrogen atoms.
    """
    numbers, cell = atoms.numbers, atoms.cell.array
    if not (numbers == H).any():
        return ()
    linked = bonds(atoms)
    accepting = _acceptors(atoms, linked)
    owner, offsets = _molecules(atoms)
    longest = max(RADII.values()) + RADII[H] - CLOSER + max(DONORS.values())
    near = pairs_within(atoms, longest)
    near = near.where(np.isin(numbers[near.i], list(DONORS)) & accepting[near.j])
    order = np.argsort(near.i, kind="stable")
    starts = np.searchsorted(near.i[order], np.arange(len(atoms) + 1))
    result = []
    for hydrogen, donor, arm in _arms(atoms):
        for k in order[starts[donor] : starts[donor + 1]]:
            acceptor, shift = int(near.j[k]), near.offset[k]
            reach = atoms.positions[acceptor] + shift @ cell - atoms.positions[donor]
            rest = reach - arm
            distance = float(np.linalg.norm(rest))
            limit = RADII[H] + RADII[int(numbers[acceptor])] - CLOSER
            cosine = float(-arm @ rest / (np.linalg.norm(arm) * max(distance, 1e-9)))
            if distance > limit or cosine > np.cos(np.radians(ANGLE)):
                continue
            step = shift - offsets[acceptor] + offsets[donor]
            x, y, z = (float(v) for v in reach / np.linalg.norm(reach))
            result.append(
                HydrogenBond(
                    donor=donor,
                    hydrogen=hydrogen,
                    acceptor=acceptor,
                    distance=distance,
                    donor_distance=float(np.linalg.norm(reach)),
                    angle=float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))),
                    direction=(x, y, z),
                    contact=(
                        int(owner[donor]),
                        int(owner[acceptor]),
                        (int(step[0]), int(step[1]), int(step[2])),
                    ),
                )
            )
    return tuple(sorted(result, key=lambda bond: (bond.distance, bond.hydrogen, bond.acceptor)))


def _arms(atoms: Atoms) -> list[tuple[int, int, Array]]:
    """Each hydrogen of a donor, the donor, and the vector (A) from it to the hydrogen."""
    near = pairs_within(atoms, FARTHEST_HYDROGEN)
    near = near.where((atoms.numbers[near.i] == H) & (atoms.numbers[near.j] != H))
    found: dict[int, int] = {}
    for k in np.argsort(near.distance, kind="stable"):
        found.setdefault(int(near.i[k]), int(k))
    result = []
    for hydrogen, k in sorted(found.items()):
        donor = int(near.j[k])
        length = DONORS.get(int(atoms.numbers[donor]))
        if length is None:
            continue
        place = atoms.positions[donor] + near.offset[k] @ atoms.cell.array
        arm = atoms.positions[hydrogen] - place
        # long ones stay: a hydrogen that is drawn away from its donor is no error
        arm *= max(1.0, length / float(near.distance[k]))
        result.append((hydrogen, donor, arm))
    return result


def _acceptors(atoms: Atoms, linked: Pairs) -> NDArray[np.bool_]:
    """Which atoms have a free pair to offer."""
    numbers = atoms.numbers
    degree = np.bincount(linked.i, minlength=len(atoms))
    heavy = np.bincount(linked.i[numbers[linked.j] != H], minlength=len(atoms))
    result = numbers == O
    result |= (numbers == S) & (degree <= 2)
    result |= np.isin(numbers, HALOGENS) & (heavy == 0)
    result |= (numbers == N) & (degree <= 2)
    for atom in np.flatnonzero((numbers == N) & (degree == 3)):
        own = np.flatnonzero(linked.i == atom)
        ends = atoms.positions[linked.j[own]] + linked.offset[own] @ atoms.cell.array
        arms = (ends - atoms.positions[atom]) / linked.distance[own, None]
        cosines = np.clip([arms[0] @ arms[1], arms[0] @ arms[2], arms[1] @ arms[2]], -1.0, 1.0)
        result[atom] = np.degrees(np.arccos(cosines)).sum() < FLAT
    return np.asarray(result)


def _molecules(atoms: Atoms) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """For each atom the number of its molecule, and the translation that makes that whole."""
    owner = np.zeros(len(atoms), dtype=int)
    offsets = np.zeros((len(atoms), 3), dtype=int)
    for number, component in enumerate(components(atoms)):
        owner[component.atoms] = number
        offsets[component.atoms] = component.offsets
    return owner, offsets
