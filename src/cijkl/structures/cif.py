"""CIF, by pymatgen's parser: one block at a time, its warnings kept."""

from __future__ import annotations

import math
import re
import warnings
from collections import Counter
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
#: largest block without its long text fields, characters, and largest product of sites and
#: symmetry operations: beyond these the parser would take minutes
MAX_BLOCK = 8 * 2**20
MAX_IMAGES = 100_000
#: tags that list symmetry operations
OPERATION_TAGS = ("_space_group_symop_operation_xyz", "_symmetry_equiv_pos_as_xyz")
#: tags that name the space group
SPACE_GROUP_TAGS = (
    "_space_group_name_h-m_alt",
    "_symmetry_space_group_name_h-m",
    "_space_group_name_hall",
    "_symmetry_space_group_name_hall",
    "_space_group_it_number",
    "_symmetry_int_tables_number",
)


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
    if len(text) > MAX_BLOCK:
        raise InputError(f"the CIF block is longer than {MAX_BLOCK // 2**20} MiB")
    tags = _tags(text)
    _check_cell(tags)
    _check_sites(tags)
    structure, notes = _parse(text)
    if structure is None or len(structure) == 0:
        raise InputError("the CIF block has no atoms with known coordinates")
    if any("Defaulting to P1" in note for note in notes):
        _check_space_group(tags)
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
    diagnostics += _compare_formula(tags, species)
    diagnostics += [
        Diagnostic("missing_hydrogens" if "implicit hydrogens" in note else "cif_repaired", note)
        for note in notes
    ]
    atoms, more = build_atoms(species, structure.lattice.matrix, fractional=structure.frac_coords)
    return atoms, (*diagnostics, *more)


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


def _check_cell(tags: dict[str, Any]) -> None:
    for name in ("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma"):
        tag = f"_cell_{name}"
        if tag not in tags:
            raise InputError(f"the CIF block has no cell ({tag} is missing)")
        value = _number(tags[tag])
        if not 0 < value < (math.inf if "length" in name else 180):
            unit = "a length in A" if "length" in name else "an angle between 0 and 180 degrees"
            raise InputError(f"{tag} must be {unit}; found {one_line(repr(tags[tag]), 40)}")


def _check_sites(tags: dict[str, Any]) -> None:
    columns = [tags.get(f"_atom_site_fract_{axis}") for axis in "xyz"]
    if not all(isinstance(column, list) and column for column in columns):
        raise InputError(
            "the CIF block has no fractional coordinates (loop of _atom_site_fract_x, _y, _z)"
        )
    operations = [tags.get(tag) for tag in OPERATION_TAGS]
    order = max((len(found) for found in operations if isinstance(found, list)), default=1)
    if order * len(columns[0] or []) > MAX_IMAGES:
        raise InputError(f"{len(columns[0] or [])} sites under {order} operations are too many")
    names = tags.get("_atom_site_label") or tags.get("_atom_site_type_symbol") or []
    for column in columns:
        for row, value in enumerate(column or []):
            if not math.isfinite(_number(value)):
                name = names[row] if row < len(names) else row + 1
                raise InputError(
                    f"atom {one_line(name, 20)} has no coordinates (found "
                    f"{one_line(repr(value), 20)}); give them or leave the atom out"
                )


def _check_space_group(tags: dict[str, Any]) -> None:
    """Refuse to take a crystal for P1 whose space group is stated but not understood."""
    for tag in SPACE_GROUP_TAGS:
        name = str(tags.get(tag, "?")).strip()
        if name.replace(" ", "") not in ("?", ".", "", "P1", "1"):
            raise InputError(
                f"space group {one_line(name, 30)!r} is not known and no symmetry operations are "
                "given; add _space_group_symop_operation_xyz or correct the name"
            )


def _compare_formula(tags: dict[str, Any], species: list[str]) -> list[Diagnostic]:
    """Compare the composition with the formula that the CIF states."""
    stated: dict[str, float] = {}
    text = str(tags.get("_chemical_formula_sum", ""))
    for symbol, count in re.findall(r"([A-Z][a-z]?)\s*(\d*\.?\d*)", text):
        name = "H" if symbol in "DT" else symbol
        stated[name] = stated.get(name, 0.0) + float(count or 1)
    found = Counter("H" if symbol in "DT" else symbol for symbol in species)
    others = [name for name in stated if name != "H"] or list(stated)
    if not stated or sum(found[name] for name in others) == 0:
        return []
    units = sum(found[name] for name in others) / sum(stated[name] for name in others)
    lacking = stated.get("H", 0.0) * units - found["H"]
    if lacking > 0.02 * stated.get("H", 0.0) * units + 0.01:
        return [
            Diagnostic(
                "missing_hydrogens",
                f"The CIF's formula {one_line(text, 60)} has {lacking:.0f} more hydrogen atoms in "
                "the cell than it gives coordinates for; add them first.",
            )
        ]
    names = set(stated) | set(found)
    if any(abs(stated.get(n, 0.0) * units - found[n]) > 0.02 * found[n] + 0.01 for n in names):
        return [
            Diagnostic(
                "formula_mismatch",
                f"The atoms do not make up the CIF's formula {one_line(text, 60)}.",
            )
        ]
    return []


def _number(text: Any) -> float:
    """Give a CIF number such as 5.640(2), or NaN."""
    try:
        return float(re.sub(r"\(\d*\)?", "", str(text)))
    except ValueError:
        return math.nan


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
