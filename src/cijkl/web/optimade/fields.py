"""Properties of an entry: type, meaning, and the column that filters and sorting go by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["ABSENT", "FIELDS", "OWN", "PREFIX", "REQUIRED", "TABLE", "Field"]

#: what the names of our own properties begin with
PREFIX = "_cijkl_"
Kind = Literal["string", "integer", "float", "boolean", "timestamp", "list", "dictionary"]


@dataclass(frozen=True)
class Field:
    """A property of an entry.

    Parameters
    ----------
    type
        As OPTIMADE calls it.
    description
        One sentence.
    sql
        Expression over the columns of `TABLE`; None where filters cannot name it.
    items
        Type of what a list holds.
    unit
        As OPTIMADE writes it; None where there is none.
    """

    type: Kind
    description: str
    sql: str | None = None
    items: Kind | None = None
    unit: str | None = None

    @property
    def sortable(self) -> bool:
        """Whether entries can be sorted by it."""
        return self.sql is not None and self.type not in ("list", "dictionary")


#: columns of results that entries show: name here, column, unit, meaning
_RESULTS = (
    ("bulk_modulus", "K_hill", "GPa", "Bulk modulus of the polycrystal, Hill."),
    ("shear_modulus", "G_hill", "GPa", "Shear modulus of the polycrystal, Hill."),
    ("youngs_modulus", "E_hill", "GPa", "Young's modulus of the polycrystal, Hill."),
    ("poisson_ratio", "nu_hill", None, "Poisson's ratio of the polycrystal, Hill."),
    ("youngs_modulus_min", "E_min", "GPa", "Smallest Young's modulus over all directions."),
    ("youngs_modulus_max", "E_max", "GPa", "Largest Young's modulus over all directions."),
    ("universal_anisotropy", "anisotropy_universal", None, "Universal anisotropy index."),
    ("debye_temperature", "debye_temperature", "K", "Debye temperature by sound velocities."),
    ("hardness", "hardness_chen", "GPa", "Vickers hardness by Chen's model."),
)

OWN: dict[str, Field] = {
    f"{PREFIX}name": Field("string", "Name that the source gives the crystal.", "name"),
    f"{PREFIX}source": Field("string", "Where the crystal came from.", "source"),
    f"{PREFIX}engine": Field("string", "Model or potential behind the numbers.", "engine"),
    f"{PREFIX}stable": Field("boolean", "Whether the tensor is positive definite.", "stable"),
    f"{PREFIX}density": Field("float", "Density.", "density", unit="g/cm^3"),
    **{
        f"{PREFIX}{name}": Field("float", text, f'"{column}"', unit=unit)
        for name, column, unit, text in _RESULTS
    },
    f"{PREFIX}elastic_tensor": Field(
        "list", "Stiffness (6, 6), Voigt order xx yy zz yz xz xy.", items="list", unit="GPa"
    ),
}

FIELDS: dict[str, Field] = {
    "id": Field("string", "Name of the entry, the fingerprint of the crystal.", "id"),
    "type": Field("string", "Always structures.", "'structures'"),
    "immutable_id": Field("string", "The same as id.", "id"),
    "last_modified": Field("timestamp", "When the store was written.", "last_modified"),
    "elements": Field("list", "Symbols in alphabetical order.", "elements", items="string"),
    "nelements": Field("integer", "Number of elements.", "len(elements)"),
    "elements_ratios": Field("list", "Share of each element.", "elements_ratios", items="float"),
    "chemical_formula_descriptive": Field("string", "Formula as people write it.", "formula"),
    "chemical_formula_reduced": Field("string", "Alphabetical reduced formula.", "reduced"),
    "chemical_formula_anonymous": Field("string", "The same with letters.", "anonymous"),
    "dimension_types": Field(
        "list", "1 for each periodic direction.", "[1, 1, 1]", items="integer"
    ),
    "nperiodic_dimensions": Field("integer", "Number of periodic directions.", "3"),
    "lattice_vectors": Field("list", "Rows of the cell.", items="list", unit="angstrom"),
    "cartesian_site_positions": Field("list", "Of each site.", items="list", unit="angstrom"),
    "nsites": Field("integer", "Number of sites.", "nsites"),
    "species": Field("list", "What the sites hold.", items="dictionary"),
    "species_at_sites": Field("list", "Name of the species of each site.", items="string"),
    "structure_features": Field(
        "list", "Always empty: no disorder.", "[]::VARCHAR[]", items="string"
    ),
    "space_group_it_number": Field("integer", "Number of the space group.", "spacegroup"),
    **OWN,
}

#: those that every entry has, whatever was asked for
REQUIRED = ("id", "type")

#: properties of the specification that no entry has: null where they are asked for
ABSENT = frozenset(
    ("assemblies", "chemical_formula_hill", "database_provider", "space_group_symbol_hall",
     "space_group_symbol_hermann_mauguin", "space_group_symbol_hermann_mauguin_extended",
     "space_group_symmetry_operations_xyz", "fractional_site_positions", "site_coordinate_span",
     "site_coordinate_span_description", "wyckoff_positions", "optimization_type")
)  # fmt: skip

_TOKENS = "regexp_extract_all(c.formula, '[A-Z][a-z]?[0-9]*')"
_COUNT = "coalesce(try_cast(regexp_extract(t, '[0-9]+') AS BIGINT), 1)"
_LETTER = "chr(CAST(64 + i AS INTEGER))"
#: makes the table that filters ask: a row for each crystal, with its latest result
TABLE = f"""
CREATE TABLE optimade AS
WITH latest AS (
  SELECT r.*, r.rowid AS result FROM store.results r
  QUALIFY row_number() OVER (PARTITION BY fingerprint ORDER BY run DESC, engine, settings) = 1
), counted AS (
  SELECT c.fingerprint AS id, c.rowid AS crystal, r.result, c.id AS name, c.source,
    c.formula, c.natoms AS nsites, c.density, c.spacegroup, r.engine, r.stable,
    {", ".join(f'r."{column}"' for _, column, _, _ in _RESULTS)},
    list_sort({_TOKENS}) AS tokens
  FROM store.crystals c LEFT JOIN latest AS r USING (fingerprint)
), numbered AS (
  SELECT *, [regexp_extract(t, '[A-Za-z]+') FOR t IN tokens] AS elements,
    [{_COUNT} FOR t IN tokens] AS counts
  FROM counted
)
SELECT * EXCLUDE (tokens, counts), array_to_string(tokens, '') AS reduced,
  [n / list_sum(counts) FOR n IN counts] AS elements_ratios,
  array_to_string([{_LETTER} || CASE WHEN n > 1 THEN n::VARCHAR ELSE '' END
    FOR n, i IN list_reverse_sort(counts)], '') AS anonymous,
  ? AS last_modified
FROM numbered ORDER BY id
"""
