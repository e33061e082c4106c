"""A record that is kept, seen anew: along a direction, in the IEEE frame, as a crystal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from cijkl.elasticity import ElasticTensor
from cijkl.errors import InputError
from cijkl.report.html import record_atoms

if TYPE_CHECKING:
    from ase import Atoms
    from numpy.typing import NDArray

    from cijkl.layout import Direction

__all__ = ["direction_of", "in_ieee_frame"]

#: parts of a record that hold for every frame
_KEPT = ("engine", "formula", "id", "source", "warnings", "relaxation", "packing", "faces")
#: of the uncertainty, what is given in the frame of the tensor
_IN_FRAME = ("C", "C_std")


def direction_of(
    record: Mapping[str, Any],
    kind: Literal["hkl", "uvw", "xyz"],
    indices: str,
    given: Atoms | None = None,
) -> Direction:
    """What a record says along one direction, see `cijkl.directions.along`.

    Parameters
    ----------
    indices
        As people write them: "1 0 0", "10-11"; Cartesian ones belong to the record's frame.
    given
        The crystal as it was sent, whose cell the others belong to; that of the record by default,
        which may be primitive and relaxed.

    Raises
    ------
    InputError
        No tensor or an unstable one, a layer, no crystal for the indices, or no such indices.
    """
    from cijkl.directions import along
    from cijkl.faces import cell_of_result
    from cijkl.structures.indices import parse_indices

    _refuse(record)
    structure = record.get("structure") or {}
    atoms = record_atoms(record)
    lattice = None
    if atoms is not None:
        lattice = cell_of_result(atoms, given) @ _to_frame(record).T
    return along(
        ElasticTensor(record["C"]),
        parse_indices(indices, four=kind == "hkl"),
        kind,
        lattice,
        structure.get("density"),
    )


def in_ieee_frame(record: Mapping[str, Any]) -> dict[str, Any]:
    """The same record with the tensor in the IEEE standard frame, and all that depends on it.

    What is known of errors of single constants is left out: it belongs to the other frame.

    Raises
    ------
    InputError
        No tensor, a layer, or no crystal to tell the frame by.
    """
    from cijkl.analysis import analyze

    if record.get("frame") == "ieee":
        return dict(record)
    if record.get("C") is None or record.get("planar"):
        raise InputError("there is no tensor in three dimensions to turn")
    atoms = record_atoms(record)
    if atoms is None:
        raise InputError("the IEEE frame needs the crystal: send the structure with the tensor")
    tensor = ElasticTensor(record["C"]).rotate(_ieee(record))
    turned = dict(analyze(tensor.voigt, atoms, frame="ieee").record)
    turned |= {key: record[key] for key in _KEPT if key in record}
    uncertainty = record.get("uncertainty")
    if uncertainty is not None:
        turned["uncertainty"] = {k: v for k, v in uncertainty.items() if k not in _IN_FRAME}
    if record.get("response") is not None:
        response = dict(record["response"])
        turned["response"] = {k: v for k, v in response.items() if not k.startswith("C_")}
    return turned


def _refuse(record: Mapping[str, Any]) -> None:
    if record.get("C") is None or record.get("planar"):
        raise InputError("there is no tensor in three dimensions to ask")
    if not record.get("stable"):
        raise InputError("the tensor is unstable: directional properties have no meaning")


def _to_frame(record: Mapping[str, Any]) -> NDArray[np.float64]:
    """Rotation from the crystal's axes to those of the tensor."""
    return _ieee(record) if record.get("frame") == "ieee" else np.eye(3)


def _ieee(record: Mapping[str, Any]) -> NDArray[np.float64]:
    from cijkl.properties import ieee_rotation
    from cijkl.structures import symmetry

    atoms = record_atoms(record)
    if atoms is None:
        return np.eye(3)
    return ieee_rotation(atoms, symmetry(atoms))
