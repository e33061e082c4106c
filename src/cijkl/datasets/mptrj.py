"""MPtrj: 1.6 million frames of Materials Project relaxations, read as a stream.

Deng et al., Nat. Mach. Intell. 5, 1031 (2023), doi:10.6084/m9.figshare.23713842. The file is one
JSON object of 12 GB, material -> frame -> record. It is never in memory: a window moves over the
text, and one record is decoded at a time.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np

from cijkl.datasets.frames import Frame, checked
from cijkl.errors import InputError
from cijkl.structures.building import one_line
from cijkl.structures.crystal import Unreadable
from cijkl.structures.files import DAMAGE, Trouble, damage, documents
from cijkl.units import GPA_TO_EV_PER_A3, KBAR_TO_GPA

__all__ = ["check_file", "read_mptrj"]

#: characters that are read at a time
BLOCK = 1 << 20
#: a record of a frame that is longer than this is none, characters
LONGEST = 1 << 28
#: names of the energies in the file
ENERGIES = {"uncorrected": "uncorrected_total_energy", "corrected": "corrected_total_energy"}


def read_mptrj(
    path: str | os.PathLike[str],
    *,
    energy: Literal["uncorrected", "corrected"] = "uncorrected",
    checksum: str | None = None,
) -> Iterator[Frame | Unreadable]:
    """Give the frames of MPtrj in the order of the file, which may be compressed.

    Parameters
    ----------
    path
        ``MPtrj_2022.9_full.json``, or a file of the same layout.
    energy
        That of DFT, or with the corrections of the Materials Project (MP2020Compatibility), which
        are constants for each element and, for some, for the kind of compound.
    checksum
        Of the file, as in `check_file`; it is checked first.

    Yields
    ------
    Frames with ``system`` the material's identifier. The file's stresses are in kbar and positive
    in compression (VASP's sign); those given are in eV/A^3 and positive in tension. A record that
    cannot be used is an `Unreadable`.

    Raises
    ------
    InputError
        There is no such file, its checksum is another one, or it ends amid a record.
    """
    file = Path(path).expanduser()
    if energy not in ENERGIES:
        raise InputError(f"energy is {energy!r}, expected {' or '.join(ENERGIES)}")
    if not file.is_file():
        raise InputError(
            f"{one_line(file)}: no such file; MPtrj is at https://doi.org/10.6084/m9.figshare.23713842"
        )
    if checksum is not None:
        check_file(file, checksum)
    return _frames(file, ENERGIES[energy])


def check_file(path: str | os.PathLike[str], checksum: str) -> None:
    """Make sure that a file is the one that was meant.

    Parameters
    ----------
    checksum
        ``md5:`` (which Figshare shows) or ``sha256:`` and the hexadecimal digits.

    Raises
    ------
    InputError
        It is another one.
    """
    kind, _, digits = checksum.partition(":")
    if kind not in ("md5", "sha256") or not digits:
        raise InputError(f"checksum {one_line(checksum)!r}: expected md5:... or sha256:...")
    with Path(path).open("rb") as file:
        found = hashlib.file_digest(file, kind).hexdigest()
    if found != digits.strip().lower():
        raise InputError(
            f"{one_line(path)} has {kind} {found}, expected {digits}; it is damaged or another file"
        )


def _frames(path: Path, energy: str) -> Iterator[Frame | Unreadable]:
    for document in documents(path, path.stem):
        if isinstance(document, Trouble):
            raise InputError(f"{one_line(document.label)}: {document.error}")
        try:
            for material, name, record in _records(_Window(document.stream)):
                yield _frame(material, name, record, document.label, energy)
        except InputError as error:
            raise InputError(f"{one_line(document.label)}: {error}") from None
        except DAMAGE as error:
            raise InputError(f"{one_line(document.label)}: {damage(error)}") from None


def _records(window: _Window) -> Iterator[tuple[str, str, Any]]:
    """Material, frame and record, one after another."""
    for material in window.keys():  # noqa: SIM118 - no mapping
        for name in window.keys():  # noqa: SIM118 - no mapping
            yield material, name, window.value()


def _frame(material: str, name: str, record: Any, label: str, energy: str) -> Frame | Unreadable:
    from ase import Atoms

    try:
        lattice, sites = record["structure"]["lattice"]["matrix"], record["structure"]["sites"]
        atoms = Atoms(
            symbols=[_element(site) for site in sites],
            cell=lattice,
            scaled_positions=[site["abc"] for site in sites],
            pbc=True,
        )
        value, forces, stress = (record.get(key) for key in (energy, "force", "stress"))
        # VASP: kbar, positive in compression
        factor = -KBAR_TO_GPA * GPA_TO_EV_PER_A3
        tensor = None if stress is None else factor * np.asarray(stress, dtype=float)
        return checked(
            Frame(
                name,
                atoms,
                material,
                "crystal",
                None if value is None else float(value),
                None if forces is None else np.asarray(forces, dtype=float),
                None if tensor is None else 0.5 * (tensor + tensor.T),
            )
        )
    except InputError as error:
        return Unreadable(name, f"{label}!{material}/{name}", one_line(error))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        reason = f"{type(error).__name__}: {one_line(error, 120)}"
        return Unreadable(name, f"{label}!{material}/{name}", f"cannot be understood ({reason})")


def _element(site: Mapping[str, Any]) -> str:
    (species,) = site["species"]
    return str(species["element"])


class _Window:
    """The part of a JSON text that is being read.

    Parameters
    ----------
    stream
        Of bytes, UTF-8.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        import codecs

        self._stream = stream
        self._decode = codecs.getincrementaldecoder("utf-8")()
        self._text = ""
        self._at = 0
        self._ended = False
        self._json = json.JSONDecoder()

    def keys(self) -> Iterator[str]:
        """Keys of the object that begins here; its values are read by the caller in between."""
        self._expect("{")
        if self._next() == "}":
            self._at += 1
            return
        while True:
            key = self.value()
            if not isinstance(key, str):
                raise InputError("not of the layout of MPtrj: a key is no text")
            self._expect(":")
            yield key
            if self._next() == "}":
                self._at += 1
                return
            self._expect(",")

    def value(self) -> Any:
        """Decode the value that begins here."""
        self._next()
        while True:
            try:
                value, end = self._json.raw_decode(self._text, self._at)
            except ValueError:
                if len(self._text) - self._at > LONGEST:
                    raise InputError("not of the layout of MPtrj: a record never ends") from None
                if not self._more(len(self._text) - self._at):
                    raise InputError("the file ends amid a record, or is no JSON") from None
            else:
                self._at = end
                return value

    def _expect(self, mark: str) -> None:
        found = self._next()
        if found != mark:
            raise InputError(f"not of the layout of MPtrj: expected {mark!r}, found {found!r}")
        self._at += 1

    def _next(self) -> str:
        """The next character that is no white space, which is not consumed."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in " \t\r\n\ufeff":
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                raise InputError("the file ends amid a record")

    def _more(self, least: int = 0) -> bool:
        """Read on, at least as much as a record that is not complete has; False at the end."""
        if self._ended:
            return False
        block = self._stream.read(max(BLOCK, least))
        self._ended = not block
        # what was read is dropped, once for each block
        self._text = self._text[self._at :] + self._decode.decode(block, final=not block)
        self._at = 0
        return bool(block)
