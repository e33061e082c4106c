"""Elastic tensors of molecular crystals: measured, and by three methods of computation.

The elasticity benchmark of Spackman et al. (Angew. Chem. Int. Ed. 61, e202110716 (2022)) as
Taniguchi (CrystEngComm 26, 631 (2024)) completed it: 123 measured tensors of 80 compounds, 24 by
dispersion-corrected DFT from the literature, 45 by S-HF-3c and 45 by the neural network potential
PFP 4.0.0. It is published in the repository takuyhaa/NNP-Modulus-MolecularCrystal under the MIT
licence; the address below is of one commit, so that the checksum holds.
"""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from cijkl.elasticity.validation import validate
from cijkl.errors import InputError
from cijkl.structures.building import one_line
from cijkl.structures.sources.download import cache_folder, fetch

__all__ = [
    "COMPUTED",
    "FILE_NAMES",
    "METHODS",
    "SHA256",
    "URL",
    "Method",
    "Names",
    "TensorRow",
    "compound",
    "molecular_tensors",
    "read_molecular_tensors",
]

Method = Literal["Exp", "DFT", "S-HF-3c", "NNP"]
Names = Literal["raw", "repaired"]

#: methods as the file calls them; NNP is PFP
METHODS: tuple[Method, ...] = get_args(Method)
#: those that are compared with measurements
COMPUTED: tuple[Method, ...] = ("S-HF-3c", "DFT", "NNP")

URL = (
    "https://raw.githubusercontent.com/takuyhaa/NNP-Modulus-MolecularCrystal/"
    "97b0833240c12cb36f753ba351cd7dcf4c135c43/csv/stiffness_tensors_rev.csv"
)
SHA256 = "1c672d25bef3869d3c5943587f14799fed4fcffd94496df67a6c7904a0bd8e38"
#: names under which the file is looked for in a folder
FILE_NAMES = ("stiffness_tensors_rev.csv", "molecular_tensors.csv")

#: names of computed rows that differ from those of the measured ones by more than blanks; the
#: measured resorcinol is the form that is stable at room temperature, alpha
_OTHER_NAMES = {
    "HMX": "beta-HMX",
    "CL-20": "epsilon CL-20",
    "alpha-resorcinol": "resorcinol",
}
_CONSTANTS = tuple(f"C{i}{j}" for i in range(1, 7) for j in range(1, 7))


@dataclass(frozen=True, eq=False)
class TensorRow:
    """One tensor of the benchmark.

    Parameters
    ----------
    compound
        Its name, exactly as in the file, with blanks where the file has them.
    note
        Who measured or computed it; for S-HF-3c and NNP the code of the structure in the
        Cambridge database.
    method
        One of `METHODS`.
    stiffness
        (6, 6), GPa, Voigt, in the frame of whoever measured or computed it.
    """

    compound: str
    note: str
    method: Method
    stiffness: NDArray[np.float64]


def molecular_tensors(source: str | os.PathLike[str] | None = None) -> tuple[TensorRow, ...]:
    """Give the rows of the benchmark.

    Parameters
    ----------
    source
        The file, or a folder that holds it under one of `FILE_NAMES`; by default the published
        file, downloaded once into `cijkl.datasets.cache_folder`.

    Raises
    ------
    InputError
        If it is not there and cannot be downloaded, or is no such file.
    """
    if source is None:
        return read_molecular_tensors(fetch(URL, SHA256, cache_folder()))
    path = Path(source).expanduser()
    if not path.is_dir():
        return read_molecular_tensors(path)
    for name in FILE_NAMES:
        if (path / name).is_file():
            return read_molecular_tensors(path / name)
    raise InputError(f"{one_line(path)}: the folder holds no {' or '.join(FILE_NAMES)}")


def read_molecular_tensors(path: str | os.PathLike[str]) -> tuple[TensorRow, ...]:
    """Read a table of tensors with the columns ``Compound subname Method C11 ... C66``.

    Parameters
    ----------
    path
        CSV, UTF-8; all 36 constants in GPa.

    Raises
    ------
    InputError
        If it cannot be read, lacks a column, or a row is not a symmetric tensor of a known method;
        the message names the line.
    """
    path = Path(path).expanduser()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            header = reader.fieldnames or ()
            lacking = [k for k in ("Compound", "subname", "Method", *_CONSTANTS) if k not in header]
            if lacking:
                raise InputError(f"{one_line(path)}: lacks the columns {' '.join(lacking[:5])}")
            rows = tuple(_row(path, reader.line_num, record) for record in reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{one_line(path)}: cannot be read: {one_line(error, 100)}") from None
    if not rows:
        raise InputError(f"{one_line(path)}: the table has no row")
    return rows


def compound(name: str, names: Names = "repaired") -> str:
    """Give the name by which rows of one compound are matched.

    Parameters
    ----------
    name
        As in the file.
    names
        "raw" leaves it as it is, which loses anthracene, 1,3,5-trichlorobenzene, RDX, succinic
        acid, oxalic acid dihydrate and 3-nitroaniline in one method or another (blanks at the
        end), beta-HMX, epsilon CL-20 and resorcinol (other names). "repaired" mends these.

    Examples
    --------
    >>> compound("anthracene "), compound("HMX"), compound("beta-resorcinol")
    ('anthracene', 'beta-HMX', 'beta-resorcinol')
    """
    if names == "raw":
        return name
    stripped = " ".join(name.split())
    return _OTHER_NAMES.get(stripped, stripped)


def counts(rows: Iterable[TensorRow]) -> dict[Method, int]:
    """Number of rows of each method."""
    found = Counter(row.method for row in rows)
    return {method: found[method] for method in METHODS}


def _row(path: Path, line: int, record: dict[str, str]) -> TensorRow:
    where = f"{one_line(path)}:{line}"
    method = (record["Method"] or "").strip()
    if method not in METHODS:
        known = ", ".join(METHODS)
        raise InputError(f"{where}: the method is {one_line(method)!r}, expected one of {known}")
    try:
        values = [float(record[key] or "nan") for key in _CONSTANTS]
        stiffness = validate(np.array(values).reshape(6, 6))
    except (InputError, ValueError) as error:
        raise InputError(f"{where}: {one_line(error, 150)}") from None
    return TensorRow(record["Compound"], (record["subname"] or "").strip(), method, stiffness)
