"""Polar plots of a layer show its moduli."""

from __future__ import annotations

import numpy as np
import pytest

from cijkl.plots import planar_section

LAYER = np.array([[105.2, 18.4, 0.0], [18.4, 26.2, 0.0], [0.0, 0.0, 22.4]])


def test_young_along_the_axes():
    (line,) = planar_section(LAYER, "E", samples=5).data
    x, y = 105.2 - 18.4**2 / 26.2, 26.2 - 18.4**2 / 105.2
    assert line.theta == pytest.approx([0, 90, 180, 270, 360])
    assert line.r == pytest.approx([x, y, x, y, x])


def test_a_negative_ratio_is_drawn_by_magnitude_on_a_line_of_its_own():
    (plain,) = planar_section(LAYER, "nu").data
    assert np.nanmax(plain.r) == pytest.approx(18.4 / 26.2)
    # stiff in shear: auxetic along the diagonal
    auxetic = LAYER * [[1, 1, 1], [1, 1, 1], [1, 1, 10]]
    figure = planar_section(auxetic, "nu")
    positive, negative = figure.data
    assert figure.layout.showlegend
    assert np.nanmin(positive.r) >= 0
    assert np.nanmin(negative.r) >= 0
    assert (np.isfinite(positive.r) != np.isfinite(negative.r)).all()
