"""CIF, by pymatgen's parser: one block at a time, its warnings kept."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cijkl.errors import Diagnostic, InputError
from cijkl.structures.building import build_atoms, one_line, partial_occupancy

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["cif_blocks", "read_cif_block"]

#: text fields longer than this (lines) hold reflections or refinement listings, never structure
LONG_FIELD = 30
#: a site filled to this or more counts as full (refined occupancies of 0.998 are common)
FULL = 0.995


def cif_blocks(text: str) -> Iterator[tuple[str, str]]:
    """Give (name, text) of each data block that has a cell, or of all if none has.

    Long text fields, where refinement programs keep reflections, are left out.
    """
    blocks: list[tuple[str, list[str]]] = []
    field: list[str] | None = None
    for line in text.splitlines():
        if field is not None:
            field.append(line)
            if line.startswith(";"):
                if len(field) > LONG_FIELD:
                    field = [";", ";" + line[1:]]
                if blocks:
                    blocks[-1][1].extend(field)
                field = None
        elif line.startswith(";"):
            field = [line]
        elif line.lstrip()[:5].lower() == "data_":
            blocks.append((line.split()[0][5:], ["data_" + line.lstrip()[5:]]))
        elif blocks:
            blocks[-1][1].append(line)
    if field is not None and blocks:
        blocks[-1][1].extend(field)
    if not blocks:
        raise InputError("no data block: a CIF has a line that begins with data_")
    with_cell = [b for b in blocks if any("_cell_length_a" in line.lower() for line in b[1])]
    yield from ((name, "\n".join(lines)) for name, lines in with_cell or blocks)


def read_cif_block(text: str) -> tuple[Atoms, tuple[Diagnostic, ...]]:
    """Give the crystal of one CIF block.

    The Cartesian frame, which a CIF does not state, is z along c and y along b* (for triclinic
    and monoclinic crystals that of IEEE standard 176-1987).

    Raises
    ------
    InputError
        For a block without cell or atoms, partial occupancy, unknown elements, or text that the
        parser does not understand.
    """
    lowered = text.lower()
    for tag in ("_cell_length_a", "_cell_length_b", "_cell_length_c", "_atom_site_fract_x"):
        if tag not in lowered:
            what = "cell" if "cell" in tag else "fractional coordinates"
            raise InputError(f"the CIF block has no {what} ({tag} is missing)")
    structure, notes = _parse(text)
    if structure is None or len(structure) == 0:
        raise InputError("the CIF block has no atoms with known coordinates")
    species, diagnostics = [], []
    for site in structure:
        parts = list(site.species.items())
        total = sum(float(amount) for _, amount in parts)
        if len(parts) != 1 or not FULL <= total <= 1.005:
            label = f"site {site.label}"
            if len(parts) == 1 and total > 1.005:
                raise InputError(
                    f"{label} is listed more than once or overfull (occupancy {total:.3g} of "
                    f"{parts[0][0]}); remove the duplicate"
                )
            found = " + ".join(f"{kind} {amount:.3g}" for kind, amount in parts)
            raise InputError(partial_occupancy(label, found))
        species.append(str(getattr(parts[0][0], "symbol", parts[0][0])))
    hydrogens = structure.site_properties.get("implicit_hydrogens")
    if hydrogens and any(hydrogens):
        diagnostics.append(
            Diagnostic(
                "missing_hydrogens",
                "The CIF names hydrogen atoms without coordinates; add them before computing.",
            )
        )
    diagnostics += [Diagnostic("cif_repaired", note) for note in notes]
    atoms, more = build_atoms(species, structure.lattice.matrix, fractional=structure.frac_coords)
    return atoms, (*diagnostics, *more)


def _parse(text: str) -> tuple[Any, list[str]]:
    from pymatgen.io.cif import CifParser

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        # a foreign parser on foreign text: whatever it raises means that the text is not understood
        try:
            parser = CifParser.from_str(text, check_cif=False)
            found = parser.parse_structures(primitive=False, check_occu=False, on_error="raise")
        except Exception as error:
            raise InputError(f"the CIF cannot be parsed: {_explain(error)}") from None
    spoken = [str(w.message) for w in caught if issubclass(w.category, UserWarning)]
    notes: list[str] = []
    for note in [*parser.warnings, *spoken]:
        line = one_line(re.sub(r"^Issues encountered while parsing CIF: ", "", note))
        # 0.3333 made 1/3 is no news, and occupancies are judged site by site
        if line and line not in notes and not re.search("occupancies|rounded to ideal", line):
            notes.append(line)
    return (found[0] if found else None), notes


def _explain(error: Exception) -> str:
    text = one_line(error, 140)
    if isinstance(error, KeyError):
        return f"{text} is missing"
    if "Invalid CIF file with no structures" in text:
        return "no atom with known coordinates and element"
    return text or type(error).__name__
