"""What the page says, as plain text and tables, before any markup."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cijkl.plots.fields import PROPERTIES
from cijkl.report.expected import with_range
from cijkl.report.models import MODELS
from cijkl.report.numbers import MISSING, direction, finite, number, seconds, with_half_width
from cijkl.report.verdict import PUGH_LIMIT, elastic_class

__all__ = [
    "Tile",
    "acoustics_rows",
    "anisotropy_rows",
    "criteria_rows",
    "deviation_note",
    "direction_rows",
    "engineering_rows",
    "extremes_rows",
    "figure_caption",
    "legend",
    "moduli_rows",
    "origin_rows",
    "process_rows",
    "reason",
    "subtitle",
    "tensor_caption",
    "tensor_rows",
    "tiles",
]

_FRAMES = {
    "ieee": "in the IEEE standard orientation",
    "input": "in the Cartesian frame of the input",
}
_AVERAGES = ("voigt", "reuss", "hill", "rh")
_SECOND = {"G": "normal", "nu": "transverse"}
#: GPa, below which the standard deviation of a constant that symmetry fixes is rounding
_SMALLEST_DEVIATION = 5e-3
_PROCESS_LABELS = {
    "converged": ("converged", ""),
    "steps": ("steps", ""),
    "evaluations": ("evaluations of the potential", ""),
    "seconds": ("time", "time"),
    "fmax": ("largest force left", "eV/Å"),
    "smax": ("largest stress left", "GPa"),
    "pressure": ("pressure", "GPa"),
    "residual_pressure": ("pressure left by the potential", "GPa"),
    "volume_change_percent": ("change of volume", "%"),
    "rmsd": ("atoms moved by (root mean square)", "Å"),
    "rmsd15": ("clusters of 15 molecules differ by", "Å"),
    "matched15": ("molecules of 15 that match", ""),
    "method": ("method", ""),
    "strains": ("strains", ""),
    "cg_iterations": ("conjugate-gradient iterations", ""),
    "asymmetry": ("asymmetry of C before averaging", ""),
}


@dataclass(frozen=True)
class Tile:
    """A key number: what it is, its value, its unit, and a word about it."""

    name: str
    value: str
    unit: str
    note: str = ""


def reason(record: Mapping[str, Any]) -> str:
    """Why a record failed."""
    return str(record.get("error") or "no reason was recorded.")


def subtitle(record: Mapping[str, Any]) -> list[str]:
    """Short facts under the title: id, crystal system, space group, size, density."""
    structure = record.get("structure") or {}
    facts = [str(record["id"])] if record.get("id") else []
    if structure.get("crystal_system"):
        facts.append(str(structure["crystal_system"]))
    if structure.get("spacegroup"):
        symbol = structure.get("spacegroup_symbol") or structure.get("symbol")
        named = f" ({_screw(str(symbol))})" if symbol else ""
        facts.append(f"space group {structure['spacegroup']}{named}")
    if structure.get("natoms"):
        facts.append(f"{structure['natoms']} atoms in the cell")
    if record.get("planar"):
        facts.append("layer in vacuum")
    elif finite(structure.get("density")):
        facts.append(number(structure["density"], "g/cm³"))
    return facts


def tiles(record: Mapping[str, Any]) -> list[Tile]:
    """The key numbers, those that the record has."""
    moduli, anisotropy = record.get("moduli") or {}, record.get("anisotropy") or {}
    hill = {key: (moduli.get(key) or {}).get("hill") for key in ("K", "G", "E", "nu")}
    engineering, acoustics = record.get("engineering") or {}, record.get("acoustics") or {}
    hardness = _value((engineering.get("hardness") or {}).get("tian"))
    pugh = engineering.get("pugh")
    candidates = [
        ("Bulk modulus", hill["K"], "GPa", "Hill"),
        ("Shear modulus", hill["G"], "GPa", "Hill"),
        ("Young’s modulus", hill["E"], "GPa", "Hill"),
        ("Poisson’s ratio", hill["nu"], "", "Hill"),
        ("Anisotropy Aᵁ", anisotropy.get("universal"), "", "0 is isotropic"),
        ("Pugh ratio K/G", pugh, "", f"ductile above {PUGH_LIMIT}"),
        ("Vickers hardness", hardness, "GPa", "Tian’s model"),
        ("Debye temperature", acoustics.get("debye_temperature"), "K", "from sound velocities"),
    ]
    shown = [
        Tile(name, _modulus("nu" if name.startswith("Poisson") else "", value), unit, note)
        for name, value, unit, note in candidates
        if finite(value)
    ]
    for index, key in enumerate("KG"):
        if (text := with_range(record, key)) is not None:
            value, bracket, ends = text.partition(" (")
            note = f"Hill, {ends.rstrip(')')}" if bracket else "Hill"
            shown[index] = replace(shown[index], value=value, note=note)
    return shown


def tensor_rows(record: Mapping[str, Any]) -> list[list[str]]:
    """The 6x6 matrix as text, with the same decimals everywhere."""
    stiffness = record.get("C") or []
    error = (record.get("response") or {}).get("C_error")
    deviation = _deviation(record)
    rows = []
    for i, row in enumerate(stiffness):
        cells = [f"{v:.2f}".replace("-", "−") if finite(v) else MISSING for v in row]
        cells = ["0.00" if c == "−0.00" else c for c in cells]
        if error:
            cells = [f"{c} ± {number(error[i][j], digits=2)}" for j, c in enumerate(cells)]
        elif deviation:
            cells = [
                with_half_width(row[j], d) if d >= _SMALLEST_DEVIATION else c
                for j, (c, d) in enumerate(zip(cells, deviation[i], strict=True))
            ]
        rows.append(cells)
    return rows


def deviation_note(record: Mapping[str, Any]) -> str:
    """What follows the unit of the matrix where a learned model says how sure it is."""
    return ", ± standard deviation" if _deviation(record) else ""


def tensor_caption(record: Mapping[str, Any]) -> str:
    """What the matrix is: unit, frame, class, what blanks mean."""
    number_of_group = (record.get("structure") or {}).get("spacegroup")
    frame = _FRAMES.get(record.get("frame") or "", "")
    text = "Stiffness in GPa, Voigt order xx, yy, zz, yz, xz, xy"
    text += f", {frame}." if frame else "."
    if number_of_group:
        name, count = elastic_class(int(number_of_group))
        text += f" Class: {name}, {count} independent constants."
    elif record.get("symmetry_class"):
        text += f" By its values: {str(record['symmetry_class']).replace('_', ' ')}."
    return text + " Grey zeros are zero by symmetry."


def moduli_rows(record: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Voigt, Reuss, Hill and Reuss-Hill of K, G, E, nu."""
    moduli = record.get("moduli") or {}
    names = {
        "K": "Bulk modulus K",
        "G": "Shear modulus G",
        "E": "Young’s modulus E",
        "nu": "Poisson’s ratio ν",
    }
    return [
        (name, [_modulus(key, (moduli.get(key) or {}).get(average)) for average in _AVERAGES])
        for key, name in names.items()
        if moduli.get(key)
    ]


def anisotropy_rows(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Anisotropy indices with their names."""
    anisotropy = record.get("anisotropy") or {}
    labels = {
        "universal": ("Universal index Aᵁ", ""),
        "log_euclidean": ("Log-Euclidean index Aᴸ", ""),
        "percent_K": ("Percent anisotropy of K", "%"),
        "percent_G": ("Percent anisotropy of G", "%"),
        "zener": ("Zener ratio", ""),
    }
    rows = [
        (name, number(anisotropy[key], unit))
        for key, (name, unit) in labels.items()
        if finite(anisotropy.get(key))
    ]
    criterion = anisotropy.get("cubic_criterion")
    if finite(criterion):
        rows.append(("S₁₁ − S₁₂ − S₄₄/2", number(1000.0 * criterion, "TPa⁻¹")))
    return rows


def extremes_rows(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One row per property: name, and for both sides the value and its directions."""
    directional = record.get("directional") or {}
    rows = []
    for key, prop in PROPERTIES.items():
        sides = []
        for side in ("min", "max"):
            extreme = (directional.get(key) or {}).get(side) or {}
            value, second = extreme.get("value"), _SECOND.get(key)
            if not finite(value):
                continue
            along = f"along {direction(extreme.get('direction'))}"
            if second:
                along += f", {second} {direction(extreme.get(second))}"
            sides.append({"value": number(prop.factor * value, prop.unit), "along": along})
        if len(sides) == 2:
            rows.append({"name": _capital(f"{prop.name} {prop.symbol}"), "sides": sides})
    return rows


def legend(record: Mapping[str, Any], quantity: str) -> list[tuple[str, str, str]]:
    """Name, colour and dash of each line of the sections of a property, or of sound waves."""
    from cijkl.plots.acoustics import WAVES
    from cijkl.plots.style import MAX_COLOUR, MIN_COLOUR, NEGATIVE_COLOUR

    if quantity == "waves":
        return list(WAVES)
    extremes = (record.get("directional") or {}).get(quantity) or {}
    lowest = (extremes.get("min") or {}).get("value")
    largest, dashed = ("largest", MAX_COLOUR, "solid"), (MIN_COLOUR, "dash")
    negative = [("negative, drawn by magnitude", NEGATIVE_COLOUR, "dot")]
    if finite(lowest) and lowest >= 0:
        negative = []
    if quantity == "beta" and negative:
        return [("positive", MAX_COLOUR, "solid"), *negative]
    if quantity == "G":
        return [largest, ("smallest", *dashed)]
    if quantity == "nu":
        return [largest, ("smallest, where positive", *dashed), *negative]
    return []


def criteria_rows(
    record: Mapping[str, Any],
) -> list[tuple[list[tuple[str, bool]], str, str]]:
    """Born's criteria of the crystal class: expression in pieces, value, whether it holds."""
    return [
        (
            _expression_parts(str(row.get("expression", ""))),
            number(row.get("value")),
            "holds" if row.get("satisfied") else "fails",
        )
        for row in record.get("criteria") or []
    ]


def direction_rows(record: Mapping[str, Any]) -> list[list[str]]:
    """Properties along the directions that were asked for: name, E, M, beta, G, nu, velocities."""
    brackets = {"hkl": "({})", "uvw": "[{}]", "xyz": "x, y, z = {}"}
    rows = []
    for entry in record.get("directions") or []:
        kind = next((k for k in brackets if k in entry), None)
        if kind is None:
            continue
        name = brackets[kind].format(" ".join(f"{v:g}".replace("-", "−") for v in entry[kind]))
        beta = entry.get("beta")
        speeds = entry.get("velocities") or []
        rows.append(
            [
                name,
                number(entry.get("E")),
                number(entry.get("M")),
                number(1000.0 * beta if finite(beta) else None),
                _range(entry.get("G")),
                _range(entry.get("nu")),
                " / ".join(number(v) for v in speeds) or MISSING,
            ]
        )
    return rows


def figure_caption(record: Mapping[str, Any], quantity: str) -> str:
    """What a directional figure shows, in a sentence with the range in it."""
    prop = PROPERTIES[quantity]  # type: ignore[index]  # a str that the caller takes from PROPERTIES
    directional = (record.get("directional") or {}).get(quantity) or {}
    low = (directional.get("min") or {}).get("value")
    high = (directional.get("max") or {}).get("value")
    text = {
        "E": "Distance from the centre and colour: Young’s modulus for a pull that way.",
        "beta": "Shortening along a direction per hydrostatic pressure. Where it is negative the "
        "crystal grows under pressure.",
        "G": "Shear modulus for shear along a direction: the largest (outer sheet) and the "
        "smallest (inner sheet) over the planes that hold it.",
        "nu": "Poisson’s ratio for a pull along a direction: the largest and the smallest over "
        "the transverse directions. Negative means auxetic.",
    }[quantity]
    if finite(low) and finite(high):
        span = f"{number(prop.factor * low)} to {number(prop.factor * high, prop.unit)}"
        text += f" Range {span}."
    return text


def acoustics_rows(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Sound velocities of the polycrystal and the Debye temperature."""
    acoustics = record.get("acoustics") or {}
    labels = {
        "v_l": ("Longitudinal velocity", "m/s"),
        "v_t": ("Transverse velocity", "m/s"),
        "v_mean": ("Mean velocity", "m/s"),
        "debye_temperature": ("Debye temperature", "K"),
        "debye_temperature_exact": ("Debye temperature, all directions", "K"),
    }
    return [
        (name, number(acoustics[key], unit))
        for key, (name, unit) in labels.items()
        if finite(acoustics.get(key))
    ]


def engineering_rows(record: Mapping[str, Any]) -> list[dict[str, str]]:
    """Every estimate with its validity and source."""
    rows = []
    for model in MODELS:
        value: Any = record.get("engineering") or {}
        for key in model.path:
            value = value.get(key) if isinstance(value, Mapping) else None
        if finite(_value(value)):
            rows.append(
                {
                    "name": model.name,
                    "value": number(_value(value), model.unit),
                    "validity": model.validity,
                    "source": model.source,
                }
            )
    return rows


def process_rows(part: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Numbers of a relaxation or of a response calculation."""
    rows = []
    for key, value in (part or {}).items():
        name, unit = _PROCESS_LABELS.get(key, (key.replace("_", " "), ""))
        if isinstance(value, bool):
            rows.append((name, "yes" if value else "no"))
        elif finite(value):
            rows.append((name, _count(value) or _timed(value, unit)))
        elif isinstance(value, str):
            rows.append((name, value))
    return rows


def origin_rows(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Engine, version, settings, time: what one needs to do it again."""
    engine = record.get("engine") or {}
    rows = [
        (label, str(engine[key]))
        for key, label in (("name", "engine"), ("version", "version"))
        if engine.get(key)
    ]
    if finite(engine.get("seconds")):
        rows.append(("time", seconds(engine["seconds"])))
    if finite(engine.get("evaluations")):
        rows.append(("evaluations of the potential", f"{engine['evaluations']:g}"))
    settings = engine.get("settings")
    if isinstance(settings, Mapping):
        rows += [(str(key).replace("_", " "), _text(value)) for key, value in settings.items()]
    if record.get("source"):
        rows.append(("source", str(record["source"])))
    return rows


def _deviation(record: Mapping[str, Any]) -> Any:
    uncertainty = record.get("uncertainty")
    return uncertainty.get("C_std") if isinstance(uncertainty, Mapping) else None


def _modulus(key: str, value: Any) -> str:
    """Poisson's ratio with three decimals, anything else with three digits."""
    if key == "nu" and finite(value):
        return f"{value:.3f}".replace("-", "−")
    return number(value)


def _expression_parts(expression: str) -> list[tuple[str, bool]]:
    """Pieces of a criterion such as "C11 - C12 > 0", each with whether it is a subscript."""
    text = expression.removesuffix(" > 0").replace("^2", "²").replace(" - ", " − ")
    parts = re.split(r"(?<=C)(\d\d)(?!\d)", text)
    return [(part, index % 2 == 1) for index, part in enumerate(parts) if part]


def _screw(symbol: str) -> str:
    """Hermann-Mauguin symbol with its screw axes as subscripts: P3_221 becomes P3₂21."""
    return re.sub(r"_(\d)", lambda match: chr(ord("₀") + int(match[1])), symbol)


def _range(values: Any) -> str:
    if not values:
        return MISSING
    return " to ".join(number(v) for v in values)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _value(entry: Any) -> Any:
    """The number of an entry that is a number, or a mapping that holds one."""
    return entry.get("value") if isinstance(entry, Mapping) else entry


def _count(value: Any) -> str | None:
    return str(value) if isinstance(value, int) else None


def _timed(value: Any, unit: str) -> str:
    return seconds(value) if unit == "time" else number(value, unit)


def _text(value: Any) -> str:
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
