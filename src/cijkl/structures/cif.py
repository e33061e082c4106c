"""CIF, by pymatgen's parser: one block at a time, its warnings kept."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cijkl.errors import Diagnostic, InputError
from cijkl.structures.building import build_atoms, one_line, partial_occupancy
from cijkl.structures.cif_checks import (
    STATED,
    check_cell,
    check_sites,
    check_space_group,
    compare_formula,
    compare_space_group,
    hydrogens_without_sites,
    stated_numbers,
)

if TYPE_CHECKING:
    from ase import Atoms

__all__ = ["cif_blocks", "read_cif_block"]

#: text fields longer than this (lines) hold reflections or refinement listings, never structure
LONG_FIELD = 30
#: a site filled to this or more counts as full (refined occupancies of 0.998 are common)
FULL = 0.995
#: largest block without its long text fields, characters; beyond it parsing takes minutes
MAX_BLOCK = 8 * 2**20
#: tags of the core dictionary that may be written in another case or with a dot
_TAG = re.compile(
    r"\s*(_(?:cell|atom_site|symmetry|symmetry_equiv|space_group|space_group_symop|chemical_formula)"
    r"[._](?!magn)[^\s.]+)(?=\s|$)",
    re.IGNORECASE,
)


def cif_blocks(text: str) -> Iterator[tuple[str, str]]:
    """Give (name, text) of each data block that has a cell, or of all if none has.

    Long text fields, where refinement programs keep reflections, are left out.
    """
    blocks: list[tuple[str, list[str]]] = []
    field: list[str] | None = None
    for raw in text.splitlines():
        line = raw if field is not None else _canonical(raw)
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
    if len(text) > MAX_BLOCK:
        raise InputError(f"the CIF block is longer than {MAX_BLOCK // 2**20} MiB")
    tags = _tags(text)
    check_cell(tags)
    check_sites(tags)
    structure, notes = _parse(text)
    if structure is None or len(structure) == 0:
        raise InputError("the CIF block has no atoms with known coordinates")
    if any("Defaulting to P1" in note for note in notes):
        check_space_group(tags)
    species: list[str] = []
    diagnostics: list[Diagnostic] = []
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
    diagnostics += compare_formula(tags, species)
    diagnostics += [
        Diagnostic("missing_hydrogens" if "implicit hydrogens" in note else "cif_repaired", note)
        for note in notes
    ]
    atoms, more = build_atoms(species, structure.lattice.matrix, fractional=structure.frac_coords)
    atoms.info.update(stated_numbers(tags))
    if lacking := round(hydrogens_without_sites(tags, species)):
        atoms.info[STATED] = lacking
    return atoms, (*diagnostics, *more, *compare_space_group(tags, atoms))


def _canonical(line: str) -> str:
    """Write the tag that begins a line as pymatgen expects it.

    CIF tags may be in any case, and newer dictionaries put a dot after the category.
    """
    match = _TAG.match(line)
    if match is None:
        return line
    tag = match.group(1).lower().replace(".", "_", 1)
    for small, written in (("h-m", "H-M"), ("hall", "Hall"), ("it_num", "IT_num")):
        tag = tag.replace(small, written)
    tag = tag.replace("int_tables", "Int_Tables")
    return line[: match.start(1)] + tag + line[match.end(1) :]


def _tags(text: str) -> dict[str, Any]:
    """Give the tags of a block in lower case, with a text or the list of a loop's column."""
    from pymatgen.io.cif import CifFile

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # a foreign parser on foreign text: whatever it raises means that the text is not understood
        try:
            blocks = CifFile.from_str(text).data
        except ZeroDivisionError:
            raise InputError("the CIF block has a loop without values; it is cut short") from None
        except Exception as error:
            raise InputError(f"the CIF cannot be parsed: {_explain(error)}") from None
    return {tag.lower(): value for block in blocks.values() for tag, value in block.data.items()}


def _parse(text: str) -> tuple[Any, list[str]]:
    from pymatgen.io.cif import CifParser

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
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
    text = one_line(str(error).replace("No structure parsed for section 1 in CIF.", ""), 140)
    if isinstance(error, KeyError):
        return f"{text} is missing"
    if "Invalid CIF file with no structures" in text:
        return "no atom with known coordinates and element"
    return text or type(error).__name__
