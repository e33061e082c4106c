"""One crystal's page: a single HTML file that needs nothing else, not even a network."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cijkl.report import expected, faces, molecules, planar, view
from cijkl.report.assets import asset, page_template, plotly_js, script_hash, theme
from cijkl.report.jsonl import dumps, plain
from cijkl.report.numbers import formula_parts
from cijkl.report.verdict import SCALES, verdict

if TYPE_CHECKING:
    import ase

__all__ = ["html_page", "page_context", "record_atoms", "structure_cif"]

_QUANTITIES = (
    ("E", "Young’s modulus"),
    ("beta", "Linear compressibility"),
    ("G", "Shear modulus"),
    ("nu", "Poisson’s ratio"),
)
_WAVES = (
    ("slowness", "Slowness"),
    ("phase", "Phase velocity"),
    ("group", "Group velocity"),
)


def html_page(record: Mapping[str, Any], atoms: ase.Atoms | None = None) -> str:
    """Self-contained page of one record: numbers, figures that turn, the record to download.

    Every text of the record is escaped, and a content security policy lets only the page's own
    scripts run and nothing load.

    Parameters
    ----------
    record
        Result record. One that failed gives a page that says why.
    atoms
        The crystal that the tensor belongs to, to be drawn; by default the one in the record.

    Returns
    -------
    HTML text, some 5 to 9 MB, most of it plotly.js.
    """
    data = plain(record)
    atoms = atoms if atoms is not None else record_atoms(data)
    context = page_context(data, atoms)
    scripts = [plotly_js(), asset("page.js")] if context["figures"] else []
    return page_template("page.html.j2").render(
        **context,
        theme=theme(),
        style=asset("page.css"),
        scripts=scripts,
        hashes=[script_hash(script) for script in scripts],
        json_uri=_data_uri("application/json", dumps(data, indent=1)),
        cif_uri=_data_uri("chemical/x-cif", structure_cif(atoms)) if atoms is not None else None,
    )


def page_context(
    record: Mapping[str, Any], atoms: ase.Atoms | None = None, *, drawn: bool = True
) -> dict[str, Any]:
    """What the template shows, without what makes a page stand alone.

    Parameters
    ----------
    record, atoms
        As for `html_page`.
    drawn
        Whether the page holds its figures; if not, it has places for them, and a script brings
        them.
    """
    from cijkl.report.figures import figure_names, figures, templates

    data = plain(record)
    failed = data.get("status") == "failed"
    shown = atoms if atoms is not None else record_atoms(data)
    named: dict[str, Any] = (
        figures(data, shown) if drawn else dict.fromkeys(figure_names(data, shown))
    )
    return {
        "record": data,
        "failed": failed,
        "title": str(data.get("formula") or data.get("id") or "Crystal"),
        "formula": formula_parts(str(data.get("formula") or data.get("id") or "Crystal")),
        "verdict": "" if failed else verdict(data),
        "scales": SCALES,
        "view": view,
        "expected": expected,
        "planar": planar,
        "molecules": molecules,
        "faces": faces,
        "figures": named,
        "templates": templates() if named else {},
        "quantities": _QUANTITIES,
        "waves": _WAVES,
        "file_name": _file_name(data),
        "version": _version(),
    }


def _data_uri(media_type: str, text: str) -> str:
    return f"data:{media_type};base64," + base64.b64encode(text.encode()).decode()


def record_atoms(record: Mapping[str, Any]) -> ase.Atoms | None:
    """The crystal that the record itself describes, if it does."""
    structure = record.get("structure") or {}
    if not all(structure.get(key) for key in ("lattice", "species", "frac")):
        return None
    from ase import Atoms

    return Atoms(
        structure["species"],
        scaled_positions=structure["frac"],
        cell=structure["lattice"],
        pbc=True,
    )


def structure_cif(atoms: ase.Atoms) -> str:
    """A crystal as a CIF."""
    from ase.io import write

    bare = atoms.copy()
    bare.info, bare.calc = {}, None
    stream = io.BytesIO()
    write(stream, bare, format="cif")
    return stream.getvalue().decode()


def _file_name(record: Mapping[str, Any]) -> str:
    """Name for downloads, of letters that every file system takes."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", str(record.get("id") or record.get("formula") or ""))
    return name.strip("._")[:80] or "crystal"


def _version() -> str:
    from cijkl import __version__

    return __version__
