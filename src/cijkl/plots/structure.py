"""A crystal drawn in three dimensions: atoms, bonds, cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cijkl.plots.drawing import Drawing, drawing
from cijkl.plots.meshes import Mesh, cylinders, icosphere, spheres
from cijkl.plots.style import FONT, compact, new_figure
from cijkl.plots.surface import LIGHT

if TYPE_CHECKING:
    import ase
    import plotly.graph_objects as go

__all__ = ["structure_view"]

#: radius of a drawn atom per covalent radius
_SHRINK = 0.45
_BOND_RADIUS = 0.11
_ZOOM = 1.5
_CELL_COLOURS = {"a": "#c2553a", "b": "#2f8f6b", "c": "#2f77bd"}
_LIGHTING = {"ambient": 0.55, "diffuse": 0.75, "specular": 0.4, "roughness": 0.35, "fresnel": 0.05}


def structure_view(atoms: ase.Atoms, max_spheres: int = 900) -> go.Figure:
    """Unit cell with atoms as spheres in the usual element colours, bonds and cell edges.

    Finite molecules are drawn whole. In a network the atoms on faces, edges and corners of the
    cell are repeated on the far side. Bonds join atoms closer than 1.2 times the sum of their
    covalent radii (Cordero et al. 2008, Dalton Trans. 2832), but not two metals in a compound that
    has non-metals.

    Parameters
    ----------
    atoms
        Periodic crystal.
    max_spheres
        Beyond this number of atoms, atoms are drawn as flat markers, which cost a page far less.
    """
    parts = drawing(atoms)
    everything = np.concatenate([parts.positions, _corners(parts.cell)])
    low, high = everything.min(axis=0), everything.max(axis=0)
    centre, reach = 0.5 * (low + high), float(0.5 * (high - low).max()) + 0.8
    border = 1.15 * reach
    traces = _atom_meshes(parts) if len(parts.numbers) <= max_spheres else _atom_markers(parts)
    axis = {"visible": False, "showbackground": False}
    scene = {
        f"{name}axis": axis | {"range": [float(centre[i] - border), float(centre[i] + border)]}
        for i, name in enumerate("xyz")
    }
    return new_figure(
        *traces,
        _names(parts),
        *_cell_lines(parts.cell),
        *_triad(centre, reach),
        scene=scene
        | {
            "aspectmode": "manual",
            "aspectratio": dict.fromkeys("xyz", _ZOOM),
            "dragmode": "orbit",
            "camera": {
                "eye": {"x": 1.5, "y": 0.78, "z": 0.56},
                "projection": {"type": "orthographic"},
            },
        },
        legend={
            "orientation": "h",
            "x": 0.5,
            "xanchor": "center",
            "y": 0,
            "yanchor": "top",
            "itemclick": False,
            "itemdoubleclick": False,
        },
    )


def _atom_meshes(parts: Drawing) -> list[Any]:
    """One mesh per element that holds its spheres and its halves of the bonds."""
    import plotly.graph_objects as go
    from ase.data import chemical_symbols, covalent_radii

    count = len(parts.numbers)
    detail = 8 if count <= 30 else 5 if count <= 120 else 3 if count <= 400 else 2
    unit = icosphere(detail)
    starts, ends = _half_bonds(parts)
    traces = []
    for number in np.unique(parts.numbers):
        mine = parts.numbers == number
        radius = np.full(int(mine.sum()), _SHRINK * covalent_radii[number])
        mesh = spheres(parts.positions[mine], radius, unit)
        if len(parts.bonds):
            halves = np.concatenate([mine[parts.bonds[:, 0]], mine[parts.bonds[:, 1]]])
            sides = 12 if count <= 120 else 7
            mesh = mesh + cylinders(starts[halves], ends[halves], _BOND_RADIUS, sides)
        traces.append(_mesh_trace(mesh, _element_colour(int(number)), chemical_symbols[number]))
        # plotly draws no swatch for a mesh; an empty marker trace stands for it in the legend.
        traces.append(
            go.Scatter3d(
                x=[None],
                y=[None],
                z=[None],
                mode="markers",
                marker={
                    "size": 12,
                    "color": _element_colour(int(number)),
                    "line": {"color": "#7c8794", "width": 1},
                },
                name=chemical_symbols[number],
                showlegend=True,
                hoverinfo="skip",
            )
        )
    return traces


def _mesh_trace(mesh: Mesh, colour: str, name: str) -> Any:
    import plotly.graph_objects as go

    index = "u2" if len(mesh.points) < 65536 else "u4"
    return go.Mesh3d(
        **{axis: compact(mesh.points[:, i]) for i, axis in enumerate("xyz")},
        **{axis: mesh.triangles[:, i].astype(index) for i, axis in enumerate("ijk")},
        color=colour,
        name=name,
        hoverinfo="skip",
        showlegend=False,
        lighting=_LIGHTING,
        lightposition=LIGHT,
    )


def _atom_markers(parts: Drawing) -> list[Any]:
    """Flat markers and lines for large cells."""
    import plotly.graph_objects as go
    from ase.data import chemical_symbols, covalent_radii

    traces = []
    starts, ends = _half_bonds(parts)
    if len(starts):
        lines = np.full((3 * len(starts), 3), np.nan)
        lines[0::3], lines[1::3] = starts, ends
        traces.append(
            go.Scatter3d(
                **_xyz(lines),
                mode="lines",
                line={"color": "#8a94a1", "width": 3},
                hoverinfo="skip",
                showlegend=False,
            )
        )
    for number in np.unique(parts.numbers):
        mine = parts.numbers == number
        traces.append(
            go.Scatter3d(
                **_xyz(parts.positions[mine]),
                mode="markers",
                marker={
                    "size": float(9.0 * covalent_radii[number]),
                    "color": _element_colour(int(number)),
                    "line": {"color": "#56616e", "width": 0.5},
                },
                name=chemical_symbols[number],
                hoverinfo="skip",
            )
        )
    return traces


def _names(parts: Drawing) -> Any:
    """Unseen points that carry the hover text of each atom."""
    import plotly.graph_objects as go
    from ase.data import chemical_symbols

    text = [
        f"{chemical_symbols[number]}{index + 1}<br>({f[0]:.4f}, {f[1]:.4f}, {f[2]:.4f})"
        for number, index, f in zip(parts.numbers, parts.indices, parts.fractional, strict=True)
    ]
    return go.Scatter3d(
        **_xyz(parts.positions),
        mode="markers",
        marker={"size": 14, "opacity": 0.0},
        text=text,
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )


def _cell_lines(cell: NDArray[np.float64]) -> list[Any]:
    """Twelve edges of the cell, with a, b and c named."""
    import plotly.graph_objects as go

    corners = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)], float)
    lines = []
    for corner in corners:
        for axis in range(3):
            if corner[axis] == 0:
                lines += [corner @ cell, (corner + np.eye(3)[axis]) @ cell, np.full(3, np.nan)]
    grey = "#7c8794"
    edges = go.Scatter3d(
        **_xyz(np.array(lines)),
        mode="lines",
        line={"color": grey, "width": 3},
        hoverinfo="skip",
        showlegend=False,
    )
    lengths = np.linalg.norm(cell, axis=1, keepdims=True)
    names = go.Scatter3d(
        **_xyz(cell + 0.8 * cell / lengths),
        mode="text",
        text=["<b>a</b>", "<b>b</b>", "<b>c</b>"],
        textfont={"size": 15, "color": list(_CELL_COLOURS.values()), "family": FONT},
        hoverinfo="skip",
        showlegend=False,
    )
    return [edges, names]


def _triad(centre: NDArray[np.float64], reach: float) -> list[Any]:
    """The Cartesian axes, in which the tensor is written, beside the cell."""
    import plotly.graph_objects as go

    length = 0.2 * reach
    # The corner of the scene that the first view puts at the lower left.
    corner = centre + reach * np.array([0.85, -1.1, -1.1])
    lines = np.full((9, 3), np.nan)
    lines[0::3] = corner
    lines[1::3] = corner + length * np.eye(3)
    grey = "#7c8794"
    return [
        go.Scatter3d(
            **_xyz(lines),
            mode="lines",
            line={"color": grey, "width": 4},
            hoverinfo="skip",
            showlegend=False,
        ),
        go.Scatter3d(
            **_xyz(corner + 1.25 * length * np.eye(3)),
            mode="text",
            text=["x", "y", "z"],
            textfont={"size": 13, "color": grey},
            hoverinfo="skip",
            showlegend=False,
        ),
    ]


def _half_bonds(parts: Drawing) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Start and end of both halves of every bond: first all first halves, then all second."""
    if not len(parts.bonds):
        empty = np.zeros((0, 3))
        return empty, empty
    first, second = parts.positions[parts.bonds[:, 0]], parts.positions[parts.bonds[:, 1]]
    middle = 0.5 * (first + second)
    return np.concatenate([first, second]), np.concatenate([middle, middle])


def _corners(cell: NDArray[np.float64]) -> NDArray[np.float64]:
    steps = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)], float)
    return np.asarray(steps @ cell)


def _element_colour(number: int) -> str:
    """The usual colour of an element, as Jmol has it, but hydrogen grey: pages are white."""
    from ase.data.colors import jmol_colors

    if number == 1:
        return "#ccd3db"
    return "#" + "".join(f"{round(255 * float(c)):02x}" for c in jmol_colors[number])


def _xyz(points: NDArray[np.float64]) -> dict[str, Any]:
    return {axis: compact(points[:, i]) for i, axis in enumerate("xyz")}
