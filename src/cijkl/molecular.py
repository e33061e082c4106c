"""What holds the molecules of a crystal together, set against stiffness: a record's `packing`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from cijkl.elasticity.directional import direction_from_uvw
from cijkl.elasticity.tensor import ElasticTensor
from cijkl.errors import InputError
from cijkl.layout import HydrogenBondFacts, NetworkFacts, Packing, PackingAxis, StackFacts

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.structures import Symmetry
    from cijkl.structures.hydrogen_bonds import HydrogenBond
    from cijkl.structures.networks import Contact
    from cijkl.structures.stacking import Stack

__all__ = ["packing_facts", "relaxation_facts"]

Array = NDArray[np.float64]
T = TypeVar("T")

#: lengths (A) of contacts that differ by less are equal
_SAME = 5e-3
_AXES = ((1, 0, 0), (0, 1, 0), (0, 0, 1))


def packing_facts(
    tensor: ElasticTensor,
    atoms: Atoms,
    lattice: Array,
    symmetry: Symmetry | None = None,
) -> Packing:
    """Hydrogen bonds, stacks of rings, and Young's modulus along the axes of a molecular crystal.

    Parameters
    ----------
    tensor
        One tensor. Young's modulus is left out if it is not stable.
    atoms
        A crystal of finite molecules (see `cijkl.structures.is_molecular`).
    lattice
        Its cell (3, 3), rows, A, in the frame of the tensor.
    symmetry
        Its space group, by which equal contacts are told from others of the same length.

    Notes
    -----
    The share of contacts along an axis is the mean of cos^2 of the angle between them: 1 if all run
    along it, 0 if all are normal to it, 1/3 in isotropic contacts.
    """
    from cijkl.structures.hydrogen_bonds import hydrogen_bonds
    from cijkl.structures.molecules import components
    from cijkl.structures.stacking import rings, stacks

    cell = atoms.cell.array
    count = len(components(atoms))
    bonds = hydrogen_bonds(atoms)
    between = [bond for bond in bonds if not bond.intramolecular]
    flat = rings(atoms)
    stacked = stacks(atoms, flat)
    orbits = range(len(atoms)) if symmetry is None else symmetry.equivalent_atoms.tolist()
    axes: list[PackingAxis] = []
    for uvw in _AXES:
        along = direction_from_uvw(uvw, lattice)
        here = direction_from_uvw(uvw, cell)
        axes.append(
            {
                "uvw": list(uvw),
                "E": float(tensor.youngs_modulus(along)) if tensor.is_stable() else None,
                "hydrogen_bonds": _share([bond.direction for bond in between], here),
                "stacks": _share([stack.direction for stack in stacked], here),
            }
        )
    return {
        "molecules": count,
        "hydrogen_bonds": _bond_facts(bonds, atoms, orbits if symmetry is not None else None),
        "hydrogen_bond_network": _network([bond.contact for bond in between], count, cell),
        "rings": len(flat),
        "stacks": _stack_facts(stacked),
        "stack_network": _network([stack.contact for stack in stacked], count, cell),
        "axes": axes,
    }


def relaxation_facts(given: Array, start: Atoms, relaxed: Atoms) -> dict[str, Any]:
    """What relaxing did to a molecular crystal: parts of a record's ``relaxation``.

    Parameters
    ----------
    given
        The cell (3, 3) that the user gave, rows, A; its parameters are reported.
    start, relaxed
        The crystal before and after, in any cell, atoms in the same order.
    """
    from cijkl.structures.cell_change import change_of_lattice
    from cijkl.structures.packing import packing_similarity

    strained = given @ np.linalg.inv(start.cell.array) @ relaxed.cell.array
    change = change_of_lattice(given, strained)
    try:
        packing = packing_similarity(start, relaxed)
    except InputError:
        # bonds have changed, so that there are other molecules, or none
        matched, rmsd = 0, None
    else:
        matched, rmsd = packing.matched, packing.rmsd
    return {
        "rmsd15": rmsd,
        "matched15": matched,
        "cell_change": {
            "before": list(change.before),
            "after": list(change.after),
            "lengths_percent": list(change.lengths_percent),
            "angles_degrees": list(change.angles_degrees),
            "density_percent": change.density_percent,
        },
    }


def _share(directions: Sequence[tuple[float, float, float]], axis: Array) -> float | None:
    if not directions:
        return None
    return float(((np.array(directions) @ axis) ** 2).mean())


def _bond_facts(
    bonds: Iterable[HydrogenBond], atoms: Atoms, orbits: Sequence[int] | None
) -> list[HydrogenBondFacts]:
    symbols = atoms.symbols

    def label(bond: HydrogenBond) -> tuple[object, ...]:
        ends = (bond.donor, bond.hydrogen, bond.acceptor)
        kind = tuple(symbols[k] if orbits is None else orbits[k] for k in ends)
        return (*kind, bond.intramolecular)

    return [
        {
            "donor": str(symbols[group[0].donor]),
            "acceptor": str(symbols[group[0].acceptor]),
            "count": len(group),
            "distance": _mean([bond.distance for bond in group]),
            "donor_distance": _mean([bond.donor_distance for bond in group]),
            "angle": _mean([bond.angle for bond in group]),
            "intramolecular": group[0].intramolecular,
        }
        for group in _equal(bonds, label, lambda bond: bond.distance)
    ]


def _stack_facts(found: Iterable[Stack]) -> list[StackFacts]:
    return [
        {
            "count": len(group),
            "distance": _mean([stack.distance for stack in group]),
            "separation": _mean([stack.separation for stack in group]),
            "offset": _mean([stack.offset for stack in group]),
            "angle": _mean([stack.angle for stack in group]),
        }
        for group in _equal(found, lambda stack: (), lambda stack: stack.distance)
    ]


def _equal(
    items: Iterable[T], label: Callable[[T], tuple[object, ...]], length: Callable[[T], float]
) -> list[list[T]]:
    """Groups of items with one label and nearly one length, in the order given."""
    groups: list[list[T]] = []
    for item in items:
        for group in groups:
            if label(group[0]) == label(item) and abs(length(group[-1]) - length(item)) < _SAME:
                group.append(item)
                break
        else:
            groups.append([item])
    return groups


def _network(contacts: Iterable[Contact], count: int, cell: Array) -> NetworkFacts | None:
    """The networks of the highest dimension that contacts make; None without contacts."""
    from cijkl.structures.networks import networks

    found = networks(count, contacts, cell)
    if not found:
        return None
    largest = [network for network in found if network.dimension == found[0].dimension]
    directions = dict.fromkeys(step for network in largest for step in network.directions)
    planes = dict.fromkeys(n.plane for n in largest if n.plane is not None)
    return {
        "dimensionality": found[0].dimension,
        "count": len(largest),
        "directions": [list(step) for step in directions],
        "planes": [list(plane) for plane in planes],
    }


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))
