from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cijkl.errors import InputError
from cijkl.plots.robinson import robinson_inverse, robinson_map, robinson_projection

CUBIC = np.diag([100.0, 100, 100, 80, 80, 80]) + np.pad(60.0 * (1 - np.eye(3)), (0, 3))


def test_published_proportions() -> None:
    # Snyder, Map Projections: A Working Manual (1987) gives the constants 0.8487 and 1.3523;
    # the poles are 0.5322 times as long as the equator, the map 0.5072 times as high as wide.
    equator = robinson_projection(180.0, 0.0)[0]
    pole_x, pole_y = robinson_projection(180.0, 90.0)
    assert float(equator) == pytest.approx(0.8487 * np.pi)
    assert float(pole_x / equator) == pytest.approx(0.5322)
    assert float(pole_y / equator) == pytest.approx(0.5072, abs=1e-4)
    x, y = robinson_projection(-90.0, -35.0)
    assert float(x) == pytest.approx(-0.8487 * 0.9427 * np.pi / 2)
    assert float(y) == pytest.approx(-1.3523 * 0.4340)


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_inverse_undoes_the_projection(longitude: float, latitude: float) -> None:
    back = robinson_inverse(*robinson_projection(longitude, latitude))
    assert float(back[0]) == pytest.approx(longitude, abs=1e-5)
    assert float(back[1]) == pytest.approx(latitude, abs=1e-5)


def test_interpolation_is_smooth_and_rising() -> None:
    latitude = np.linspace(0.0, 90.0, 901)
    x, y = robinson_projection(1.0, latitude)
    assert (np.diff(y) > 0).all()
    assert (np.diff(x) < 0).all()


def test_latitude_beyond_the_pole_is_refused() -> None:
    with pytest.raises(InputError, match="91 is beyond the pole"):
        robinson_projection(0.0, 91.0)


def test_map_marks_the_extremes_of_a_cubic_crystal() -> None:
    figure = robinson_map(CUBIC)
    maxima, minima = figure.data[2], figure.data[3]
    # C44 > (C11 - C12)/2: stiffest along the eight <111>, softest along the six <100>, of which
    # each pole is one point.
    assert len(maxima.x) == 8
    assert len(minima.x) == 6
    longitude, latitude = robinson_inverse(maxima.x, maxima.y)
    np.testing.assert_allclose(np.abs(latitude), 35.264, atol=0.01)
    np.testing.assert_allclose(np.abs(longitude) % 90.0, 45.0, atol=0.01)


def test_field_is_the_modulus_at_the_place_it_is_drawn() -> None:
    from cijkl.elasticity.directional import youngs_modulus

    field = robinson_map(CUBIC, n_x=41, n_y=21).data[0]
    value = np.asarray(field.z)[15, 28]
    lon, lat = np.radians(robinson_inverse(np.asarray(field.x)[28], np.asarray(field.y)[15]))
    direction = [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]
    assert float(value) == pytest.approx(float(youngs_modulus(CUBIC, direction)), rel=1e-5)
