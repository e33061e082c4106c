"""Measured moduli of crystal faces: a CSV file of compounds, structures and faces."""

from __future__ import annotations

import csv
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cijkl.elasticity.indentation import DIAMOND_E, DIAMOND_NU
from cijkl.errors import InputError
from cijkl.structures.indices import parse_indices

__all__ = ["MeasuredFace", "Quantity", "load_faces"]

Quantity = Literal["E", "Er", "M", "normal"]

#: columns by the names that a header may give them, units left out
_COLUMNS = {
    "compound": ("compound", "name", "crystal"),
    "cif": ("cif", "structure", "file"),
    "face": ("face", "hkl", "plane"),
    "E": ("e", "modulus", "value", "youngs_modulus", "young's_modulus"),
    "uncertainty": ("uncertainty", "error", "e_uncertainty", "sd", "std"),
    "temperature": ("temperature", "t"),
    "quantity": ("quantity", "kind"),
    "poisson": ("poisson", "nu"),
    "reference": ("reference", "source"),
}
_NEEDED = ("compound", "cif", "face", "E")
_QUANTITIES: dict[str, Quantity] = {"e": "E", "er": "Er", "e_r": "Er", "m": "M", "normal": "normal"}


@dataclass(frozen=True)
class MeasuredFace:
    """One measured modulus.

    Parameters
    ----------
    compound
        Its name, the same for all its faces.
    structure
        File of the crystal.
    hkl
        Three or four indices, of the cell in that file.
    value, uncertainty
        As written, GPa.
    quantity
        What `value` is: ``E`` as indenters report it, M (1 - nu^2); ``Er``, the reduced modulus
        with a diamond tip; ``M``, the indentation modulus; ``normal``, Young's modulus along the
        normal of the face by another method.
    poisson
        The ratio nu that turned M into E.
    temperature
        K.
    reference
        Where it is from.
    place
        File and line.
    """

    compound: str
    structure: Path
    hkl: tuple[float, ...]
    value: float
    uncertainty: float | None = None
    quantity: Quantity = "E"
    poisson: float = 0.3
    temperature: float | None = None
    reference: str = ""
    place: str = ""

    @property
    def indented(self) -> bool:
        """Whether an indenter measured it."""
        return self.quantity != "normal"

    @property
    def youngs_modulus(self) -> float:
        """E, GPa; of an indenter's M the E that it would report."""
        return self.value * self._factor

    @property
    def youngs_error(self) -> float:
        """Uncertainty of `youngs_modulus`, GPa; NaN where none is known."""
        if self.uncertainty is None:
            return math.nan
        factor = self._factor
        if self.quantity == "Er":
            # M = 1 / (1/Er - s): dM/dEr = (M / Er)^2, against M / Er of the value
            factor *= self._factor / (1.0 - self.poisson**2)
        return self.uncertainty * factor

    @property
    def _factor(self) -> float:
        """E per value."""
        if self.quantity in ("E", "normal"):
            return 1.0
        to_young = 1.0 - self.poisson**2
        if self.quantity == "M":
            return to_young
        return to_young / (1.0 - self.value * (1.0 - DIAMOND_NU**2) / DIAMOND_E)


def load_faces(path: str | os.PathLike[str]) -> list[MeasuredFace]:
    """Read a table of measured faces.

    Parameters
    ----------
    path
        CSV with a header. Needed are ``compound``, ``cif`` (a path relative to the table), ``face``
        ("1 0 0", "(10-10)") and ``E`` in GPa; ``uncertainty`` (GPa), ``temperature`` (K),
        ``quantity``, ``poisson`` and ``reference`` may be there, as `MeasuredFace` explains them.
        Units in a header, as in "E (GPa)", are passed over, as are lines that begin with #.

    Raises
    ------
    InputError
        With file and line: no such file, a column missing, a value that is none, a structure that
        is not there.
    """
    table = Path(path).expanduser()
    try:
        text = table.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "no text"
        raise InputError(f"{table}: {reason.lower()}") from None
    # comments are blanked, not dropped, so that lines keep their numbers
    lines = ["" if line.lstrip().startswith("#") else line for line in text.splitlines()]
    head = next((line for line in lines if line.strip()), "")
    delimiter = max(",;\t", key=head.count)
    rows = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    columns: dict[str, int] | None = None
    faces = []
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        place = f"{table}:{rows.line_num}"
        if columns is None:
            columns = _columns(row, place)
            continue
        cells = {name: row[n].strip() if n < len(row) else "" for name, n in columns.items()}
        faces.append(_face(cells, table.parent, place))
    if not faces:
        raise InputError(f"{table}: no measured faces; expected a header and a line for each")
    return faces


def _columns(header: list[str], place: str) -> dict[str, int]:
    plain = [re.sub(r"[\s_]*[(\[].*|_?(gpa|k)$", "", cell.strip().lower()) for cell in header]
    plain = [re.sub(r"\s+", "_", cell) for cell in plain]
    found: dict[str, int] = {}
    for name, aliases in _COLUMNS.items():
        at = [n for n, cell in enumerate(plain) if cell in aliases]
        if len(at) > 1:
            raise InputError(f"{place}: two columns are {name}: {header[at[0]]}, {header[at[1]]}")
        if at:
            found[name] = at[0]
    missing = [name for name in _NEEDED if name not in found]
    if missing:
        raise InputError(
            f"{place}: no column {' or '.join(missing)}; the header names {', '.join(header)}"
        )
    return found


def _face(cells: Mapping[str, str], folder: Path, place: str) -> MeasuredFace:
    if not cells["compound"]:
        raise InputError(f"{place}: the compound has no name")
    structure = folder / Path(cells["cif"]).expanduser()
    if not cells["cif"] or not structure.is_file():
        raise InputError(f"{place}: no such file: {structure}")
    try:
        hkl = parse_indices(cells["face"], four=True)
    except InputError as error:
        raise InputError(f"{place}: {error}") from None
    word = cells.get("quantity", "").lower() or "e"
    if word not in _QUANTITIES:
        raise InputError(f"{place}: quantity is {word!r}, expected E, Er, M or normal")
    poisson = _number(cells, "poisson", place)
    if poisson is not None and not -1.0 < poisson < 0.5:
        raise InputError(f"{place}: Poisson's ratio {poisson:g} is not between -1 and 0.5")
    value = _number(cells, "E", place)
    if value is None or value <= 0.0:
        raise InputError(f"{place}: E is {cells['E']!r}, expected a positive number in GPa")
    quantity = _QUANTITIES[word]
    if quantity == "Er" and value * (1.0 - DIAMOND_NU**2) >= DIAMOND_E:
        raise InputError(f"{place}: a reduced modulus of {value:g} GPa is more than diamond's own")
    uncertainty = _number(cells, "uncertainty", place)
    if uncertainty is not None and uncertainty < 0.0:
        raise InputError(f"{place}: the uncertainty {uncertainty:g} GPa is negative")
    return MeasuredFace(
        compound=cells["compound"],
        structure=structure,
        hkl=hkl,
        value=value,
        uncertainty=uncertainty,
        quantity=quantity,
        poisson=0.3 if poisson is None else poisson,
        temperature=_number(cells, "temperature", place),
        reference=cells.get("reference", ""),
        place=place,
    )


def _number(cells: Mapping[str, str], name: str, place: str) -> float | None:
    text = cells.get(name, "")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{place}: {name} is {text!r}, expected a number")
    return value
