"""Which structure is which compound of the elasticity benchmark.

A structure is taken for a compound by its id, and believed only if it consists of the same elements
in the same ratio, as far as cijkl knows, and if its point group fits the measured tensor: another
polymorph often does not.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cijkl.datasets.molecular_tensors import TensorRow, compound
from cijkl.errors import InputError
from cijkl.reproduction.benchmark import defined
from cijkl.reproduction.settings import admissible, settings
from cijkl.structures import Crystal, Symmetry, read, reduced_formula, symmetry
from cijkl.structures.building import one_line

__all__ = [
    "CHOICES",
    "Match",
    "candidates",
    "facts_by_source",
    "match_structures",
    "read_mapping",
]

#: ids in order of preference: a measured cell before a computed one, and of several measured ones
#: that at the temperature nearest to the laboratory's or, where it is unknown, the largest
CHOICES: Mapping[str, tuple[str, ...]] = {
    "1,2,4,5-tetrabromobenzene": ("TETBBZ03", "TETBBZ"),
    "1,3-dinitrobenzene": ("DNBENZ10", "DNBENZ11"),
    "HMT": ("HXMTAM", "X23-TS-hexamine"),
    "RDX": ("CTMTNA12", "alpha-RDX-EMFF"),
    "anthracene": ("ANTCEN14", "ANTCEN24", "X23-exp-anthracene"),
    "aspirin": ("ACSALA07", "ACSALA", "ACSALA-100K"),
    "benzene": ("BENZEN#2", "X23-exp-benzene", "BENZEN"),
    "beta-HMX": ("OCHTET15", "beta-HMX-EMFF"),
    "diphenyl-h10": ("BIPHEN",),
    "epsilon CL-20": ("PUBMUU02",),
    "naphthalene": ("NAPHTA36", "NAPHTA04", "NAPHTA15", "X23-exp-naph"),
    "pyrazine": ("PYRAZI", "X23-exp-pyrazine"),
    "resorcinol": ("RESORA13", "RESORA19", "RESORA03"),
    "rubrene": ("QQQCIG11", "QQQCIG04"),
    "succinic acid": ("SUCACB10", "SUCACB12", "X23-TS-succinic"),
    "urea": ("UREAXX22", "UREAXX02", "X23-exp-urea"),
}
#: what the compounds above consist of
_FORMULAS: Mapping[str, str] = {
    "1,2,4,5-tetrabromobenzene": "C6H2Br4",
    "1,3-dinitrobenzene": "C6H4N2O4",
    "HMT": "C6H12N4",
    "RDX": "C3H6N6O6",
    "anthracene": "C14H10",
    "aspirin": "C9H8O4",
    "benzene": "C6H6",
    "beta-HMX": "C4H8N8O8",
    "diphenyl-h10": "C12H10",
    "epsilon CL-20": "C6H6N12O12",
    "naphthalene": "C10H8",
    "pyrazine": "C4H4N2",
    "resorcinol": "C6H6O2",
    "rubrene": "C42H28",
    "succinic acid": "C4H6O4",
    "urea": "CH4N2O",
}
_CODE = re.compile(r"[A-Z]{6}\d{0,2}")
#: tolerance on positions, A: measured coordinates are rounded
_SYMPREC = 0.05


@dataclass(frozen=True, eq=False)
class Match:
    """A structure of a compound.

    Parameters
    ----------
    compound
        Repaired name.
    crystal
        As read.
    symmetry
        In the frame of the crystal.
    temperature
        K, at which the cell was measured; None where that is not known.
    provenance
        As the file says; empty where it does not.
    """

    compound: str
    crystal: Crystal
    symmetry: Symmetry
    temperature: float | None
    provenance: str


def match_structures(
    path: Path,
    rows: Sequence[TensorRow],
    mapping: Mapping[str, str] | None = None,
    report: Callable[[str], None] = lambda message: None,
) -> list[Match]:
    """Give the structure of each compound of the benchmark that a file or folder holds.

    Parameters
    ----------
    path
        Anything that `cijkl.structures.read` takes.
    rows
        Of the benchmark.
    mapping
        Id of each compound; by default `candidates`.
    report
        Told of each structure that is refused, and why.

    Raises
    ------
    InputError
        If nothing matches, or the mapping names a compound or id that does not exist.
    """
    crystals = {c.id: c for c in read(path) if isinstance(c, Crystal)}
    known = {compound(row.compound) for row in rows if row.method == "Exp"}
    wanted = candidates(rows)
    if mapping is not None:
        for name, identity in mapping.items():
            if name not in known:
                raise InputError(f"{one_line(name)} is no measured compound of the benchmark")
            if identity not in crystals:
                raise InputError(f"{one_line(path)}: no crystal has the id {one_line(identity)}")
        wanted = {name: (identity,) for name, identity in mapping.items()}
    facts = facts_by_source(path)
    found = []
    for name in sorted(wanted.keys() & known):
        for identity in wanted[name]:
            if identity not in crystals:
                continue
            crystal = crystals[identity]
            group = symmetry(crystal.atoms, _SYMPREC)
            refusal = _other_compound(name, crystal) or _other_form(name, group, rows)
            if refusal:
                report(f"{name}: {identity} is left out: {refusal}")
                continue
            temperature, provenance = facts.get(crystal.source, (None, ""))
            found.append(Match(name, crystal, group, temperature, provenance))
            break
    if not found:
        raise InputError(
            f"{one_line(path)}: no structure is known to be a compound of the benchmark; name them "
            "by their code in the Cambridge database, or give a table compound,id"
        )
    return found


def candidates(rows: Iterable[TensorRow]) -> dict[str, tuple[str, ...]]:
    """Give ids by which structures of a compound may go: `CHOICES`, codes of the file, its name."""
    found: dict[str, list[str]] = {name: list(ids) for name, ids in CHOICES.items()}
    for row in rows:
        name = compound(row.compound)
        mine = found.setdefault(name, [])
        # CHOICES holds the codes already, in its own order
        if name not in CHOICES and row.note not in mine and _CODE.fullmatch(row.note):
            mine.append(row.note)
    return {name: (*ids, name) for name, ids in found.items()}


def read_mapping(path: Path) -> dict[str, str]:
    """Read a CSV with the columns compound and id.

    Raises
    ------
    InputError
        If it cannot be read or lacks a column.
    """
    try:
        with path.expanduser().open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            if not {"compound", "id"} <= set(table.fieldnames or ()):
                raise InputError(f"{one_line(path)}: expected the columns compound and id")
            return {compound(row["compound"] or ""): (row["id"] or "").strip() for row in table}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{one_line(path)}: cannot be read: {one_line(error, 100)}") from None


def _other_compound(name: str, crystal: Crystal) -> str:
    """Why a crystal cannot be a compound by what it consists of; empty if it can."""
    if name not in _FORMULAS:
        return ""
    found = Counter(str(symbol) for symbol in crystal.atoms.symbols)
    wanted = {
        symbol: int(count or 1)
        for symbol, count in re.findall(r"([A-Z][a-z]?)(\d*)", _FORMULAS[name])
    }
    ratios = {found[symbol] / count for symbol, count in wanted.items()}
    if found.keys() == wanted.keys() and len(ratios) == 1:
        return ""
    return f"it is {reduced_formula(crystal.atoms)}, expected a multiple of {_FORMULAS[name]}"


def _other_form(name: str, group: Symmetry, rows: Iterable[TensorRow]) -> str:
    """Why a crystal cannot be what was measured; empty if it can."""
    mine = [r for r in defined(rows) if r.method == "Exp" and compound(r.compound) == name]
    if not mine:
        return "no measured tensor has moduli"
    frames = settings(group.conventional, group.crystal_system)
    nearest = min(admissible(r.stiffness, frames, group.point_operations)[1].min() for r in mine)
    fits = any(len(admissible(r.stiffness, frames, group.point_operations)[0]) for r in mine)
    if fits:
        return ""
    return (
        f"its {group.crystal_system} point group {group.point_group} does not fit the measured "
        f"tensor ({nearest:.0%} off): it is another form"
    )


def facts_by_source(path: Path) -> dict[str, tuple[float | None, str]]:
    """Temperature and provenance by source, of JSON Lines that state them."""
    if not path.name.endswith((".jsonl", ".jsonl.gz")):
        return {}
    found: dict[str, tuple[float | None, str]] = {}
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path.expanduser(), "rt", encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                record = json.loads(line)
                temperature = record.get("temperature_K")
                kelvin = None if temperature is None else float(temperature)
                found[f"{path}:{number}"] = (kelvin, str(record.get("provenance") or ""))
            except (ValueError, TypeError, AttributeError):
                continue
    return found
