"""Figures of elastic tensors and crystals: each file one kind, each function plain data to plotly.

Every function takes arrays (or a stiffness in GPa, Voigt) and returns a ``plotly`` figure in the
house style of `style.py`. plotly itself is imported when the first figure is made, not before.
"""

from cijkl.plots.acoustics import slowness_surface, velocity_section
from cijkl.plots.eigenvalues import eigenvalue_bars
from cijkl.plots.elements import element_bars, periodic_table
from cijkl.plots.faces import faces_plot
from cijkl.plots.heatmap import tensor_heatmap
from cijkl.plots.histograms import cell_size_histogram, property_histogram
from cijkl.plots.moduli import moduli_map, moduli_panels
from cijkl.plots.planar import planar_section
from cijkl.plots.robinson import robinson_map, robinson_projection
from cijkl.plots.sections import section, sections
from cijkl.plots.structure import structure_view
from cijkl.plots.style import template
from cijkl.plots.surface import property_surface
from cijkl.plots.systems import crystal_system_bars

__all__ = [
    "cell_size_histogram",
    "crystal_system_bars",
    "eigenvalue_bars",
    "element_bars",
    "faces_plot",
    "moduli_map",
    "moduli_panels",
    "periodic_table",
    "planar_section",
    "property_histogram",
    "property_surface",
    "robinson_map",
    "robinson_projection",
    "section",
    "sections",
    "slowness_surface",
    "structure_view",
    "template",
    "tensor_heatmap",
    "velocity_section",
]
