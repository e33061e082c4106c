"""Draw the pictures of the gallery, each by a function of `cijkl.plots`.

    python docs/images/gallery.py [NAME...]

Crystals and tensors are those of the folder ``examples``; the map of moduli is predicted by the
learned model. Needs kaleido and chromium or chrome. The page ``docs/gallery.md`` shows them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import plotly.graph_objects as go
from PIL import Image

import cijkl
from cijkl import plots
from cijkl.faces import faces

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
#: colours of a picture, which make its size
COLOURS = 128


def quartz() -> cijkl.ElasticTensor:
    """Measured constants of quartz."""
    return cijkl.ElasticTensor(cijkl.read_tensor(EXAMPLES / "quartz.txt")[0][1])


def surface() -> go.Figure:
    """Young's modulus of quartz as a surface."""
    return plots.property_surface(quartz(), "E")


def robinson() -> go.Figure:
    """Young's modulus of quartz as a map of the sphere."""
    return plots.robinson_map(quartz(), "E")


def sections() -> go.Figure:
    """Poisson's ratio of quartz in three planes."""
    return plots.sections(quartz(), "nu")


def heatmap() -> go.Figure:
    """The stiffness of quartz; what symmetry forbids is blank."""
    return plots.tensor_heatmap(quartz())


def slowness() -> go.Figure:
    """Slowness of the three waves in quartz, in the plane of y and z."""
    return plots.velocity_section(quartz(), 2.649, "slowness", "yz")


def structure() -> go.Figure:
    """Cell of urea."""
    return plots.structure_view(next(cijkl.read(EXAMPLES / "urea.cif")).atoms)


def quartz_faces() -> go.Figure:
    """Young's and indentation modulus of the faces of quartz."""
    crystal = next(cijkl.read(EXAMPLES / "alpha-quartz.cif")).atoms
    found = faces(quartz(), crystal, largest=1)
    names = [f"({' '.join(map(str, face['hkl']))})".replace("-", "−") for face in found]
    return plots.faces_plot(names, [f["E"] for f in found], [f["M"] for f in found])


def moduli() -> go.Figure:
    """Shear against bulk modulus of all example crystals, predicted."""
    records = [r.record for r in cijkl.predict(EXAMPLES) if r.ok]
    figure = plots.moduli_map(
        [r["moduli"]["K"]["hill"] for r in records],
        [r["moduli"]["G"]["hill"] for r in records],
        [r["structure"]["crystal_system"] for r in records],
        [r["formula"] for r in records],
    )
    # the function's points suit thousands of crystals
    return figure.update_traces(marker={"size": 10, "opacity": 0.9}, selector={"mode": "markers"})


#: name, function, width and height in pixels
PICTURES: dict[str, tuple[Callable[[], go.Figure], int, int]] = {
    "surface": (surface, 560, 460),
    "robinson": (robinson, 760, 420),
    "sections": (sections, 900, 420),
    "heatmap": (heatmap, 480, 420),
    "slowness": (slowness, 520, 460),
    "structure": (structure, 480, 440),
    "faces": (quartz_faces, 620, 380),
    "moduli": (moduli, 700, 560),
}


def main(names: list[str]) -> int:
    """Write the pictures; 0 if it worked."""
    folder = HERE / "gallery"
    folder.mkdir(exist_ok=True)
    for name in names or list(PICTURES):
        draw, width, height = PICTURES[name]
        figure = draw().update_layout(paper_bgcolor="white")
        data = figure.to_image("png", width=width, height=height, scale=1.5)
        with Image.open(BytesIO(data)) as picture:
            small = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        small.save(folder / f"{name}.png", optimize=True)
        print(f"{name}.png: {(folder / f'{name}.png').stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
