"""A record as a table for the terminal, 80 columns wide at most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cijkl.report import faces, planar
from cijkl.report.expected import expected_note, expected_rows, range_note, range_rows
from cijkl.report.models import MODELS
from cijkl.report.numbers import MISSING, direction, finite, number, seconds
from cijkl.report.verdict import verdict
from cijkl.report.view import direction_rows

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

__all__ = ["table"]

_AVERAGES = (("voigt", "Voigt"), ("reuss", "Reuss"), ("hill", "Hill"), ("rh", "Reuss-Hill"))
_MODULI = (("K", "bulk K"), ("G", "shear G"), ("E", "Young E"), ("nu", "Poisson ν"))
_DIRECTIONAL = (
    ("E", "Young E", "GPa", None, 1.0),
    ("beta", "compressibility β", "1/TPa", None, 1000.0),
    ("G", "shear G", "GPa", "normal", 1.0),
    ("nu", "Poisson ν", "", "transverse", 1.0),
)


def table(record: Mapping[str, Any]) -> RenderableType:
    """Tensor, moduli, extremes, estimates and warnings of one record, for ``rich.print``.

    Parameters
    ----------
    record
        Result record; one that failed shows why.
    """
    from rich.console import Group
    from rich.text import Text

    parts: list[RenderableType] = [_title(record)]
    if record.get("status") == "failed":
        reason = record.get("error") or "no reason was recorded"
        parts.append(Text(f"failed: {reason}", style="bold red"))
        return Group(*parts, *_warnings(record))
    if record.get("planar"):
        parts += [Text(verdict(record)), Text(), *_layer(record)]
        return Group(*parts, *_warnings(record), *_origin(record))
    parts += [Text(verdict(record)), Text(), _tensor(record)]
    if record.get("moduli"):
        parts += [Text(), _moduli(record)]
    if expected_rows(record):
        parts += [Text(), _expected(record), Text(expected_note(record), style="dim")]
    if range_rows(record):
        parts += [Text(), _ranges(record), Text(range_note(record), style="dim")]
    if record.get("directional"):
        parts += [Text(), _extremes(record["directional"])]
    if direction_rows(record):
        parts += [Text(), _directions(record)]
    if record.get("faces"):
        parts += [Text(), _faces(record), *_other_faces(record)]
    others = _others(record)
    if others.row_count:
        parts += [Text(), others]
    return Group(*parts, *_warnings(record), *_origin(record))


def _title(record: Mapping[str, Any]) -> RenderableType:
    from rich.text import Text

    structure = record.get("structure") or {}
    title = Text(str(record.get("formula") or record.get("id") or "crystal"), style="bold")
    details = [str(record["id"])] if record.get("id") and record.get("formula") else []
    if structure.get("crystal_system"):
        details.append(str(structure["crystal_system"]))
    if structure.get("spacegroup"):
        details.append(f"space group {structure['spacegroup']}")
    if record.get("planar"):
        details.append("layer in vacuum")
    elif finite(structure.get("density")):
        details.append(number(structure["density"], "g/cm³"))
    return title.append("  " + ", ".join(details), style="not bold") if details else title


def _tensor(record: Mapping[str, Any]) -> Table:
    stiffness = record.get("C") or []
    limit = max((abs(v) for row in stiffness for v in row if finite(v)), default=1.0)
    decimals = 0 if limit >= 1000 else 1 if limit >= 10 else 2
    frame = {"ieee": "IEEE frame", "input": "frame of the input"}.get(record.get("frame") or "")
    title = "stiffness C (GPa)" + (f", {frame}" if frame else "")
    grid = _plain_table(title)
    grid.add_column("", style="dim")
    for j in range(1, 7):
        grid.add_column(str(j), justify="right", min_width=6)
    for i, row in enumerate(stiffness, 1):
        grid.add_row(str(i), *(_entry(v, limit, decimals) for v in row))
    return grid


def _entry(value: Any, limit: float, decimals: int) -> str:
    if not finite(value):
        return MISSING
    if abs(value) <= 1e-6 * limit:
        return "[dim]·[/dim]"
    return f"{value:.{decimals}f}".replace("-", "−")


def _layer(record: Mapping[str, Any]) -> list[RenderableType]:
    """The tensor of a layer in N/m and what follows from it."""
    from rich.text import Text

    stiffness = record["planar"]["C"]
    limit = max(abs(v) for row in stiffness for v in row)
    tensor = _plain_table("stiffness C (N/m), axes of the layer")
    tensor.add_column("", style="dim")
    for name in ("xx", "yy", "xy"):
        tensor.add_column(name, justify="right", min_width=7)
    for name, row in zip(("xx", "yy", "xy"), stiffness, strict=True):
        tensor.add_row(name, *(_entry(v, limit, 2) for v in row))
    parts: list[RenderableType] = [tensor]
    if planar.moduli_rows(record):
        moduli = _plain_table("averages in the plane (N/m)")
        moduli.add_column("")
        for name in ("Voigt", "Reuss", "Hill"):
            moduli.add_column(name, justify="right")
        for name, cells in planar.moduli_rows(record):
            moduli.add_row(name, *cells)
        parts += [Text(), moduli]
    facts = _plain_table("further properties")
    facts.add_column("")
    facts.add_column("", justify="right")
    for row in (*planar.extremes_rows(record), *planar.facts_rows(record)):
        facts.add_row(*row)
    return [*parts, Text(), facts]


def _moduli(record: Mapping[str, Any]) -> Table:
    moduli = record.get("moduli") or {}
    grid = _plain_table("polycrystal (GPa)")
    grid.add_column("")
    for _, name in _AVERAGES:
        grid.add_column(name, justify="right")
    for key, name in _MODULI:
        row = moduli.get(key) or {}
        grid.add_row(name, *(number(row.get(average)) for average, _ in _AVERAGES))
    return grid


def _expected(record: Mapping[str, Any]) -> Table:
    grid = _plain_table("as DFT is expected to give them (GPa)")
    grid.add_column("")
    for name in ("potential", "expected", "range"):
        grid.add_column(name, justify="right")
    for row in expected_rows(record):
        grid.add_row(*row)
    return grid


def _ranges(record: Mapping[str, Any]) -> Table:
    grid = _plain_table("range of the value by DFT")
    grid.add_column("")
    grid.add_column("", justify="right")
    for row in range_rows(record):
        grid.add_row(*row)
    return grid


def _extremes(directional: Mapping[str, Any]) -> Table:
    grid = _plain_table("extremes over all directions")
    grid.add_column("")
    grid.add_column("", style="dim")
    grid.add_column("value", justify="right")
    grid.add_column("along")
    grid.add_column("with normal or transverse")
    for key, name, unit, second, factor in _DIRECTIONAL:
        for side in ("min", "max"):
            extreme = (directional.get(key) or {}).get(side) or {}
            value = extreme.get("value")
            grid.add_row(
                name if side == "min" else "",
                side,
                number(factor * value if finite(value) else None, unit),
                direction(extreme.get("direction")),
                direction(extreme.get(second)) if second else "",
            )
    return grid


def _directions(record: Mapping[str, Any]) -> Table:
    from rich.markup import escape

    grid = _plain_table("along chosen directions (GPa, 1/TPa, m/s)")
    for name in ("", "E", "M", "β", "G", "ν", "velocities"):
        grid.add_column(name, justify="left" if not name else "right")
    for row in direction_rows(record):
        # 80 columns hold the speeds only without blanks
        grid.add_row(*(escape(cell.replace(" / ", "/")) for cell in row))
    return grid


def _faces(record: Mapping[str, Any]) -> Table:
    grid = _plain_table("faces (Å, GPa); M: indentation modulus")
    for name in ("", "equal", "d", "E", "M", "G", " "):
        grid.add_column(name, justify="left" if not name.strip() else "right")
    for row in faces.rows(record)[: faces.DRAWN]:
        grid.add_row(row.name, *row.cells, row.mark)
    return grid


def _other_faces(record: Mapping[str, Any]) -> list[RenderableType]:
    """How many faces the table leaves out, and the extremes that are among them."""
    from rich.text import Text

    rest = faces.rows(record)[faces.DRAWN :]
    if not rest:
        return []
    text = f"and {len(rest)} faces of smaller spacing in the record"
    marked = [f"{row.mark} {row.name} with M = {row.cells[3]}" for row in rest if row.mark]
    return [Text("; ".join([text, *marked]), style="dim")]


def _others(record: Mapping[str, Any]) -> Table:
    anisotropy, acoustics = record.get("anisotropy") or {}, record.get("acoustics") or {}
    rows = [
        ("universal anisotropy", number(anisotropy.get("universal"))),
        ("log-Euclidean anisotropy", number(anisotropy.get("log_euclidean"))),
        ("Zener ratio", number(anisotropy.get("zener"))),
        ("longitudinal velocity", number(acoustics.get("v_l"), "m/s")),
        ("transverse velocity", number(acoustics.get("v_t"), "m/s")),
        ("Debye temperature", number(acoustics.get("debye_temperature"), "K")),
    ]
    for model in MODELS:
        value: Any = record.get("engineering") or {}
        for key in model.path:
            value = value.get(key) if isinstance(value, Mapping) else None
        value = value.get("value") if isinstance(value, Mapping) else value
        rows.append((model.name, number(value, model.unit)))
    grid = _plain_table("further properties")
    grid.add_column("")
    grid.add_column("", justify="right")
    for name, text in rows:
        if not text.startswith(MISSING):
            grid.add_row(name, text)
    return grid


def _warnings(record: Mapping[str, Any]) -> list[RenderableType]:
    from rich.text import Text

    lines: list[RenderableType] = []
    for warning in record.get("warnings") or []:
        line = Text("\nwarning: ", style="bold yellow")
        line.append(str(warning.get("message", "")), style="not bold default")
        line.append(f" ({warning.get('code', 'unnamed')})", style="not bold dim")
        lines.append(line)
    return lines


def _origin(record: Mapping[str, Any]) -> list[RenderableType]:
    from rich.text import Text

    engine = record.get("engine") or {}
    if not engine.get("name"):
        return []
    text = f"\nby {engine['name']}"
    if engine.get("version"):
        text += f" {engine['version']}"
    if finite(engine.get("seconds")):
        text += f", {seconds(engine['seconds'])}"
    if engine.get("evaluations"):
        text += f", {engine['evaluations']} evaluations"
    return [Text(text, style="dim")]


def _plain_table(title: str) -> Table:
    from rich import box
    from rich.table import Table

    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
    )
