"""What a page says of the molecules of a crystal, as plain text and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cijkl.report.numbers import MISSING, finite, number

__all__ = ["axis_rows", "bond_rows", "cell_rows", "packing_text", "stack_rows"]

_SHAPES = {1: "chains", 2: "sheets"}


def packing_text(packing: Mapping[str, Any]) -> str:
    """What holds the molecules together, and along which axis the crystal is stiffest."""
    bonds = packing.get("hydrogen_bond_network")
    stacks = packing.get("stack_network")
    sentences = [
        _network(bonds, "Hydrogen bonds join the molecules")
        if bonds
        else "There are no hydrogen bonds between molecules."
    ]
    if stacks:
        sentences.append(_network(stacks, "Stacked rings join them", "pairs"))
    elif packing.get("rings"):
        sentences.append("Its flat rings are not stacked.")
    sentences.append(_stiffest(packing.get("axes") or []))
    return " ".join(sentence for sentence in sentences if sentence)


def axis_rows(packing: Mapping[str, Any]) -> list[list[str]]:
    """For each axis its name, E in GPa, and the shares of hydrogen bonds and stacks in %."""
    return [
        [
            _name(axis["uvw"]),
            number(axis.get("E")),
            _percent(axis.get("hydrogen_bonds")),
            _percent(axis.get("stacks")),
        ]
        for axis in packing.get("axes") or []
    ]


def bond_rows(packing: Mapping[str, Any]) -> list[list[str]]:
    """For each set of hydrogen bonds: kind, number in the cell, H...A, D...A (A), angle."""
    rows = []
    for bond in packing.get("hydrogen_bonds") or []:
        kind = f"{bond['donor']}–H···{bond['acceptor']}"
        if bond.get("intramolecular"):
            kind += ", within a molecule"
        lengths = [f"{bond[key]:.2f}" for key in ("distance", "donor_distance")]
        rows.append([kind, str(bond["count"]), *lengths, f"{bond['angle']:.0f}°"])
    return rows


def stack_rows(packing: Mapping[str, Any]) -> list[list[str]]:
    """For each set of stacks: number in the cell, centres, planes, offset (A), angle."""
    return [
        [
            str(stack["count"]),
            *(f"{stack[key]:.2f}" for key in ("distance", "separation", "offset")),
            f"{stack['angle']:.0f}°",
        ]
        for stack in packing.get("stacks") or []
    ]


def cell_rows(relaxation: Mapping[str, Any] | None) -> list[list[str]]:
    """Each cell parameter: name, before, after, change; none where the cell was not relaxed."""
    change = (relaxation or {}).get("cell_change")
    if not change or (relaxation or {}).get("cell") == "given":
        return []
    differences = [f"{value:+.1f} %" for value in change["lengths_percent"]]
    differences += [f"{value:+.1f}°" for value in change["angles_degrees"]]
    rows = []
    for k, name in enumerate(("a", "b", "c", "α", "β", "γ")):
        old, new = change["before"][k], change["after"][k]
        form = "{:.3f} Å" if k < 3 else "{:.2f}°"
        rows.append([name, form.format(old), form.format(new), differences[k].replace("-", "−")])
    return rows


def _network(network: Mapping[str, Any], words: str, group: str = "groups") -> str:
    """Into what contacts join molecules, in a sentence."""
    dimension = network["dimensionality"]
    if dimension == 3:
        return f"{words} into a framework in all directions."
    if dimension == 0:
        return f"{words} into finite {group}."
    directions = _listed([_name(step) for step in network["directions"]])
    planes = _listed([_name(plane, "()") for plane in network["planes"]])
    where = f"parallel to {planes}, which hold" if planes else "along"
    return f"{words} into {_SHAPES[dimension]} {where} {directions}."


def _stiffest(axes: Sequence[Mapping[str, Any]]) -> str:
    known = [axis for axis in axes if finite(axis.get("E"))]
    if not known:
        return ""
    high = max(known, key=lambda axis: float(axis["E"]))
    low = min(known, key=lambda axis: float(axis["E"]))
    if high["E"] < 1.02 * low["E"]:
        return f"It is as stiff along every axis: E = {number(high['E'], 'GPa')}."
    return (
        f"Of the axes {_name(high['uvw'])} is the stiffest, with E = {number(high['E'], 'GPa')}, "
        f"{number(high['E'] / low['E'], digits=2)} times that along {_name(low['uvw'])}."
    )


def _name(indices: Sequence[int], brackets: str = "[]") -> str:
    # spaces that no line breaks at
    inner = "\u00a0".join(f"{index}".replace("-", "−") for index in indices)
    return f"{brackets[0]}{inner}{brackets[1]}"


def _listed(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _percent(share: Any) -> str:
    return f"{100.0 * share:.0f} %" if finite(share) else MISSING
