"""Each figure shows the numbers it is given, and fits into a page."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from cijkl import plots
from cijkl.elasticity.directional import youngs_modulus
from cijkl.errors import InputError
from cijkl.plots.style import (
    DARK,
    LIGHT,
    LINE_COLOURS,
    Theme,
    diverging_scale,
    new_figure,
    template,
)

SILICON = np.diag([165.7, 165.7, 165.7, 79.6, 79.6, 79.6]) + np.pad(63.9 * (1 - np.eye(3)), (0, 3))


def test_import_does_not_load_plotly() -> None:
    code = "import sys, cijkl.plots, cijkl.report; sys.exit('plotly' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_heatmap_blanks_what_symmetry_forbids() -> None:
    figure = plots.tensor_heatmap(SILICON)
    shown = np.array(figure.data[0].z, float)
    blank = np.isnan(shown)
    assert blank.sum() == 24
    np.testing.assert_allclose(shown[~blank], SILICON[~blank])
    assert len(figure.data[1].x) == 24
    assert figure.data[0].text[0][0] == "165.7"


def test_heatmap_follows_a_given_mask_and_shows_the_error() -> None:
    mask = np.zeros((6, 6), bool)
    mask[5, 5] = True
    figure = plots.tensor_heatmap(SILICON, forbidden=mask, error=np.full((6, 6), 1.25))
    assert np.isnan(np.array(figure.data[0].z, float)).sum() == 1
    assert figure.data[0].customdata[0][0][1] == "165.7 GPa ± 1.2"


@pytest.mark.parametrize("quantity", ["E", "beta", "G", "nu"])
def test_surface_points_lie_at_their_value(quantity: str) -> None:
    figure = plots.property_surface(SILICON, quantity)
    for trace in (t for t in figure.data if t.type == "surface"):
        radius = np.sqrt(sum(np.asarray(trace[a], float) ** 2 for a in "xyz"))
        np.testing.assert_allclose(radius, np.asarray(trace.surfacecolor, float), atol=1e-3)
    assert len(figure.to_json()) < 700_000


def test_surface_of_silicon_has_its_known_moduli() -> None:
    # Hopcroft, Nix and Kenny 2010, J. Microelectromech. Syst. 19, 229: 130, 169 and 188 GPa.
    trace = next(t for t in plots.property_surface(SILICON, "E").data if t.type == "surface")
    values = np.asarray(trace.surfacecolor, float)
    assert values.min() == pytest.approx(130, abs=0.5)
    assert values.max() == pytest.approx(188, abs=0.8)


def test_section_is_the_modulus_around_the_circle() -> None:
    figure = plots.section(SILICON, "E", "xz", samples=9)
    angle = np.radians(np.asarray(figure.data[0].theta, float))
    directions = np.stack([np.cos(angle), 0 * angle, np.sin(angle)], axis=1)
    np.testing.assert_allclose(figure.data[0].r, youngs_modulus(SILICON, directions), rtol=1e-6)
    assert figure.layout.polar.angularaxis.ticktext[2] == "z"


def test_three_sections_share_their_radius_and_legend() -> None:
    figure = plots.sections(SILICON, "nu")
    ranges = {tuple(figure.layout[name].radialaxis.range) for name in ("polar", "polar2", "polar3")}
    assert len(ranges) == 1
    names = [t.name for t in figure.data if t.showlegend]
    assert len(names) == len(set(names))


def test_slowness_along_a_cube_axis() -> None:
    density = 2.329
    figure = plots.velocity_section(SILICON, density, "slowness", "xy", samples=5)
    longitudinal, transverse = np.sqrt(165.7e9 / 2329), np.sqrt(79.6e9 / 2329)
    first = sorted(float(t.r[0]) for t in figure.data)
    expected = [1000 / longitudinal, 1000 / transverse, 1000 / transverse]
    np.testing.assert_allclose(first, expected, rtol=1e-5)
    phase = plots.velocity_section(SILICON, density, "phase", "xy", samples=5)
    np.testing.assert_allclose(float(phase.data[2].r[0]), longitudinal / 1000, rtol=1e-5)
    group = plots.velocity_section(SILICON, density, "group", "xy", samples=5)
    np.testing.assert_allclose(float(group.data[2].r[0]), longitudinal / 1000, rtol=1e-5)
    with pytest.raises(InputError, match="slowness, phase, group"):
        plots.velocity_section(SILICON, density, "speed")  # type: ignore[arg-type]


def test_slowness_sheets_are_nested() -> None:
    figure = plots.slowness_surface(SILICON, 2.329)
    inner, middle, outer = (
        np.asarray(t.surfacecolor, float) for t in figure.data if t.type == "surface"
    )
    assert (inner <= middle + 1e-6).all()
    assert (middle <= outer + 1e-6).all()


def test_unstable_mode_is_marked_by_more_than_colour() -> None:
    bars = plots.eigenvalue_bars([-4.0, 10, 20, 30, 40, 50]).data[0]
    assert bars.marker.pattern.shape[0] == "/"
    assert bars.marker.pattern.shape[1] == ""
    assert bars.marker.color[0] != bars.marker.color[1]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_colour_can_be_told_from_the_background(theme: Theme) -> None:
    # WCAG 2.1: 3:1 for graphics, 4.5:1 for text.
    for colour in LINE_COLOURS:
        assert contrast(colour, theme.paper) >= 3.0
    for colour in (theme.ink, theme.muted, theme.positive, theme.negative):
        assert contrast(colour, theme.paper) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_diverging_scale_is_even_and_centred_on_the_page(theme: str) -> None:
    from cijkl.plots.style import _to_oklab

    scale = diverging_scale(theme)  # type: ignore[arg-type]
    paper = (LIGHT if theme == "light" else DARK).paper
    assert scale[10] == [0.5, paper]
    points = np.array([_to_oklab(colour) for _, colour in scale])
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    for half in (steps[:10], steps[10:]):
        assert half.max() / half.min() < 1.25


def test_templates_differ_in_colour_only() -> None:
    light, dark = plots.template("light"), plots.template("dark")
    assert light.layout.font.family == dark.layout.font.family
    assert light.layout.paper_bgcolor != dark.layout.paper_bgcolor


def contrast(first: str, second: str) -> float:
    """Contrast ratio of WCAG 2.1."""
    bright, dim = sorted((luminance(first), luminance(second)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def luminance(colour: str) -> float:
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_figures_share_their_style_and_cannot_change_it() -> None:
    first = new_figure()
    before = first.layout.template.to_plotly_json()
    first.layout.template.layout.font.size = 99
    first.layout.template.data.surface[0].colorbar.len = 0.1
    assert new_figure().layout.template.to_plotly_json() == before
    assert template().to_plotly_json() == before
