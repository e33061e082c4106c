"""Frames: crystals and molecules with the energy, forces and stress that a method gave them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cijkl.errors import InputError
from cijkl.structures.building import one_line
from cijkl.structures.crystal import Unreadable
from cijkl.structures.files import DAMAGE, Trouble, damage, documents, find, text_lines

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["Frame", "checked", "read_frames", "write_frames"]

Array = NDArray[np.float64]

#: what may stand before ``energy``, ``forces`` and ``stress``; the first that is found counts
PREFIXES = ("dft_", "REF_", "ref_", "")


@dataclass(frozen=True, eq=False)
class Frame:
    """One set of positions with what is known of it.

    Parameters
    ----------
    id
        Name of the frame.
    atoms
        Periodic in three directions; a molecule lies in a wide cell.
    system
        The compound that it belongs to, as its source names it.
    kind
        ``crystal`` or ``molecule``.
    energy
        Of the cell, eV; None if unknown, like the others.
    forces
        (n, 3), eV/A.
    stress
        (3, 3), eV/A^3, positive in tension.
    """

    id: str
    atoms: Atoms
    system: str
    kind: str = "crystal"
    energy: float | None = None
    forces: Array | None = None
    stress: Array | None = None

    @property
    def formula(self) -> str:
        """Reduced formula, such as ``CH4N2O``."""
        from cijkl.structures.properties import reduced_formula

        return reduced_formula(self.atoms)


def read_frames(source: str | os.PathLike[str]) -> Iterator[Frame | Unreadable]:
    """Give the frames of an extxyz file, one by one; it may be compressed or a folder of files.

    The comment of a frame holds ``energy`` (eV), ``stress`` (eV/A^3, tension positive, six numbers
    xx yy zz yz xz xy or nine) and its columns ``forces`` (eV/A); each with ``dft_`` or ``REF_``
    before it, or without. What is missing is unknown. ``system`` names the compound, else its
    reduced formula does; ``kind`` says ``molecule`` or ``crystal``.

    Parameters
    ----------
    source
        A file, folder or archive.

    Raises
    ------
    InputError
        There is no such file, or one that is not extxyz.
    """
    path = Path(source).expanduser()
    if not path.exists():
        raise InputError(f"{one_line(path)}: no such file or folder")
    return _frames(path)


def write_frames(path: str | os.PathLike[str], frames: Iterable[Frame | Unreadable]) -> int:
    """Write frames as extxyz that `read_frames` reads; they may be a stream.

    Parameters
    ----------
    path
        Of the file, which is there only once it is complete.
    frames
        What cannot be read is left out.

    Returns
    -------
    How many were written.
    """
    target = Path(path).expanduser()
    part = target.with_name(target.name + ".part")
    count = 0
    with part.open("w", encoding="utf-8") as file:
        for frame in frames:
            if isinstance(frame, Frame):
                file.write(_as_text(frame))
                count += 1
    part.replace(target)
    return count


def checked(frame: Frame) -> Frame:
    """The frame itself, if its labels fit its atoms and are finite.

    Raises
    ------
    InputError
        They are not.
    """
    atoms, count = frame.atoms, len(frame.atoms)
    if count == 0:
        raise InputError("there are no atoms")
    if not atoms.pbc.all() or not abs(np.linalg.det(atoms.cell.array)) > 0.0:
        raise InputError("expected a cell that is periodic in three directions")
    wanted = {"energy": (), "forces": (count, 3), "stress": (3, 3)}
    for name, shape in wanted.items():
        value = getattr(frame, name)
        if value is None:
            continue
        if np.shape(value) != shape:
            raise InputError(f"{name}: expected shape {shape}, found {np.shape(value)}")
        if not np.isfinite(value).all():
            raise InputError(f"{name}: not finite")
    if not (np.isfinite(atoms.positions).all() and np.isfinite(atoms.cell.array).all()):
        raise InputError("the cell or the positions are not finite")
    return frame


def _frames(path: Path) -> Iterator[Frame | Unreadable]:
    from cijkl.structures.extxyz import extxyz_frames

    for file, stem in find(path):
        for document in documents(file, stem):
            if isinstance(document, Trouble):
                yield Unreadable(document.stem, document.label, document.error)
                continue
            if document.format != "extxyz":
                raise InputError(
                    f"{one_line(document.label)}: frames are extxyz, not {document.format}"
                )
            try:
                for number, lines in enumerate(extxyz_frames(text_lines(document.stream)), 1):
                    yield _frame(lines, f"{document.stem}#{number}", f"{document.label}#{number}")
            except InputError as error:
                yield Unreadable(document.stem, document.label, one_line(error))
            except DAMAGE as error:
                yield Unreadable(document.stem, document.label, damage(error))


def _frame(lines: list[str], name: str, label: str) -> Frame | Unreadable:
    from cijkl.structures.extxyz import read_extxyz_frame
    from cijkl.structures.properties import reduced_formula

    try:
        atoms, _ = read_extxyz_frame(lines)
        info = dict(atoms.info)
        # ASE takes what is called plainly energy, forces and stress for results of a calculator
        results = dict(atoms.calc.results) if atoms.calc is not None else {}
        values = {**info, **atoms.arrays, **results}
        energy, forces, stress = (_label(values, key) for key in ("energy", "forces", "stress"))
        bare = _bare(atoms)
        system = str(info.get("system") or reduced_formula(bare))
        return checked(
            Frame(
                str(info.get("id", name)),
                bare,
                system,
                str(info.get("kind", "crystal")),
                None if energy is None else float(energy),
                None if forces is None else np.asarray(forces, dtype=float),
                None if stress is None else _tensor(stress),
            )
        )
    except InputError as error:
        return Unreadable(name, label, one_line(error))
    # a net under the parser, as in cijkl.structures.reading
    except Exception as error:
        reason = f"{type(error).__name__}: {one_line(error, 120)}"
        return Unreadable(name, label, f"cannot be understood ({reason})")


def _label(values: Mapping[str, Any], key: str) -> Any:
    """The value under the first prefix that is there, None if there is none."""
    for prefix in PREFIXES:
        if prefix + key in values:
            return values[prefix + key]
    return None


def _bare(atoms: Atoms) -> Atoms:
    from ase import Atoms as Bare

    return Bare(numbers=atoms.numbers, positions=atoms.positions, cell=atoms.cell, pbc=atoms.pbc)


def _tensor(stress: Any) -> Array:
    values = np.asarray(stress, dtype=float)
    if values.shape == (6,):
        xx, yy, zz, yz, xz, xy = values
        return np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
    if values.size == 9:
        full = values.reshape(3, 3)
        return np.asarray(0.5 * (full + full.T))
    raise InputError(f"stress: expected 6 or 9 numbers, found {values.size}")


def _as_text(frame: Frame) -> str:
    """A frame of extxyz; numbers keep all digits."""
    atoms, forces = frame.atoms, frame.forces
    columns = "species:S:1:pos:R:3" + ("" if forces is None else ":dft_forces:R:3")
    cell = " ".join(repr(float(x)) for x in atoms.cell.array.ravel())
    words = [f'Lattice="{cell}"', f"Properties={columns}", 'pbc="T T T"']
    words += [f"{key}={json.dumps(getattr(frame, key))}" for key in ("id", "system", "kind")]
    if frame.energy is not None:
        words.append(f"dft_energy={float(frame.energy)!r}")
    if frame.stress is not None:
        (xx, xy, xz), (_, yy, yz), (_, _, zz) = frame.stress.tolist()
        words.append('dft_stress="' + " ".join(map(repr, (xx, yy, zz, yz, xz, xy))) + '"')
    rows = atoms.positions if forces is None else np.hstack([atoms.positions, forces])
    lines = [
        f"{symbol} " + " ".join(map(repr, row))
        for symbol, row in zip(atoms.get_chemical_symbols(), rows.tolist(), strict=True)
    ]
    return "\n".join([str(len(atoms)), " ".join(words), *lines]) + "\n"
