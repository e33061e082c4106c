"""Results side by side: the numbers of the records, one scale for all figures, one frame."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest
from ase.build import bulk

pytest.importorskip("fastapi")

from cijkl import analyze
from cijkl.elasticity import ElasticTensor
from cijkl.elasticity.directional import youngs_modulus
from cijkl.errors import InputError
from cijkl.web.compare import LOOK, comparison

from .conftest import EXAMPLES, form
from .stored import fill

SILICON = np.diag([165.7 - 63.9] * 3 + [79.6] * 3) + np.pad(np.full((3, 3), 63.9), (0, 3))
COPPER = np.diag([168.4 - 121.4] * 3 + [75.4] * 3) + np.pad(np.full((3, 3), 121.4), (0, 3))


def record(stiffness, atoms=None, **options):
    return json.loads(json.dumps(analyze(stiffness, atoms, **options).record))


@pytest.fixture(scope="module")
def both():
    return [record(SILICON, bulk("Si"), id="si"), record(COPPER, bulk("Cu"), id="cu")]


def values(found, name):
    (row,) = [row for row in found if row["name"] == name]
    return row["values"]


def numbers(packed):
    """An array as plotly writes it."""
    return np.frombuffer(base64.b64decode(packed["bdata"]), packed["dtype"])


def test_the_numbers_are_those_of_the_records(both):
    found = comparison(both)
    expected = [each["moduli"]["K"]["hill"] for each in both]
    assert values(found["rows"], "Bulk modulus K (Hill)") == expected
    assert expected == pytest.approx([(165.7 + 2 * 63.9) / 3, (168.4 + 2 * 121.4) / 3])
    beta = values(found["rows"], "Compressibility, largest")
    assert beta == pytest.approx([1000 / (3 * k) for k in expected])
    assert [row["name"] for row in found["constants"]] == [
        "C11", "C12", "C13", "C22", "C23", "C33", "C44", "C55", "C66",
    ]  # fmt: skip
    assert values(found["constants"], "C44") == [79.6, 75.4]
    assert found["looks"] == [list(look) for look in LOOK[:2]]


def test_sections_have_one_scale_and_the_right_lines(both):
    found = comparison(both)["sections"]
    ends = {
        plane: figure["layout"]["polar"]["radialaxis"]["range"] for plane, figure in found.items()
    }
    # in these planes both are stiffest along <110>, a degree from which the lines have points
    s = np.linalg.inv(COPPER)
    along_110 = 1 / (0.5 * (s[0, 0] + s[0, 1]) + 0.25 * s[3, 3])
    s = np.linalg.inv(SILICON)
    stiffest = max(along_110, 1 / (0.5 * (s[0, 0] + s[0, 1]) + 0.25 * s[3, 3]))
    for plane in ("xy", "xz", "yz"):
        assert ends[plane] == pytest.approx([0.0, 1.05 * stiffest], rel=1e-3)
        assert [trace["name"] for trace in found[plane]["data"]] == ["1", "2"]
        line = numbers(found[plane]["data"][0]["r"])
        assert line[0] == pytest.approx(1 / s[0, 0], rel=1e-6)


def test_surfaces_have_one_scale_of_length_and_colour(both):
    surfaces = comparison(both)["surfaces"]
    main = [figure["data"][0] for figure in surfaces]
    spans = {(trace["cmin"], trace["cmax"]) for trace in main}
    assert len(spans) == 1
    (low, high) = spans.pop()
    # cubic: extremes of E lie along <100> and <111>, which the grid nearly holds
    ends = [
        float(youngs_modulus(c, np.array(n) / np.linalg.norm(n)))
        for c in (SILICON, COPPER)
        for n in ((1, 0, 0), (1, 1, 1))
    ]
    assert low == pytest.approx(min(ends), rel=1e-3)
    assert high == pytest.approx(max(ends), rel=1e-2)
    assert (
        len({json.dumps(figure["layout"]["scene"]["xaxis"]["range"]) for figure in surfaces}) == 1
    )
    largest = [np.abs(numbers(trace["surfacecolor"])).max() for trace in main]
    assert largest == pytest.approx([ends[1], ends[3]], rel=1e-2)


def test_in_the_ieee_frame_one_crystal_turned_is_the_same(both):
    axis = np.array([0.3, -0.5, 0.8])
    axis /= np.linalg.norm(axis)
    k = np.cross(np.eye(3), axis)
    turn = np.eye(3) + np.sin(0.7) * k + (1 - np.cos(0.7)) * k @ k
    atoms = bulk("Si")
    atoms.set_cell(atoms.cell.array @ turn.T, scale_atoms=True)
    turned = record(ElasticTensor(SILICON).rotate(turn).voigt, atoms, id="turned")
    apart = comparison([both[0], turned])
    c11 = values(apart["constants"], "C11")
    assert abs(c11[0] - c11[1]) > 1.0
    together = comparison([both[0], turned], "ieee")
    assert together["frames"] == ["ieee", "ieee"]
    assert values(together["constants"], "C11") == pytest.approx([165.7, 165.7])
    assert values(together["constants"], "C44") == pytest.approx([79.6, 79.6])
    for name in ("E, softest direction", "Universal anisotropy Aᵁ", "Density"):
        first, second = values(apart["rows"], name)
        assert first == pytest.approx(second, rel=1e-6)


def test_an_unstable_one_has_constants_but_no_surface(both):
    found = comparison([both[0], record(np.diag([100.0, 100, 100, 50, 50, -5]), id="soft")])
    assert found["surfaces"][1] is None
    assert found["surfaces"][0] is not None
    assert [trace["name"] for trace in found["sections"]["xy"]["data"]] == ["1"]
    assert values(found["rows"], "Bulk modulus K (Hill)")[1] is None
    assert values(found["constants"], "C66") == [79.6, -5.0]


@pytest.mark.parametrize(
    ("change", "frame", "words"),
    [
        ({"C": None}, "input", "si: there is no tensor in three dimensions"),
        ({"C": [[1.0] * 6] * 5}, "input", "si: there is no tensor"),
        ({"C": [[float("nan")] * 6] * 6}, "input", "si: its tensor is not finite"),
        ({"structure": None}, "ieee", "si: the IEEE frame needs the crystal"),
    ],
)
def test_what_cannot_be_compared_is_named(both, change, frame, words):
    with pytest.raises(InputError, match=words):
        comparison([both[1], {**both[0], **change}], frame)


def test_seven_are_too_many(both):
    with pytest.raises(InputError, match="up to 6"):
        comparison(both * 4)


def test_the_page_and_its_figures_over_http(opened, tensor, tmp_path):
    visitor = opened(store=fill(tmp_path / "s.duckdb", 3))
    page = visitor.get("/compare")
    assert page.status_code == 200
    assert 'aria-current="page">Compare' in page.text
    kept = visitor.post("/api/analyze", files=form(tensor, "q.txt", "tensor"), data={"keep": True})
    (name,) = kept.json()["kept"]
    ours = visitor.get(f"/api/jobs/{name}").json()["record"]
    rows = visitor.get("/explorer/rows").json()
    key = rows["rows"][0][rows["columns"].index("key")]
    other = visitor.get(f"/explorer/crystals/{key}/record.json").json()
    answer = visitor.post("/compare/figures", json={"records": [ours, other]})
    assert answer.status_code == 200
    found = answer.json()
    assert values(found["constants"], "C11") == [ours["C"][0][0], other["C"][0][0]]
    assert len(found["surfaces"]) == 2
    refused = visitor.post("/compare/figures", json={"records": [ours], "frame": "ieee"})
    assert (refused.status_code, "IEEE frame" in refused.json()["error"]) == (422, True)


@pytest.mark.parametrize(
    "sent",
    [{}, {"records": []}, {"records": [{}]}, {"records": [1]}, {"records": [{"C": "x"}]},
     {"records": [{"C": [["a"] * 6] * 6}]}, {"records": [{}] * 7},
     {"records": [{"C": [[1e400] * 6] * 6, "id": ["<script>"]}]},
     {"records": [{"C": [[1.0] * 6] * 6, "moduli": [1]}], "frame": "ieee"}],
)  # fmt: skip
def test_what_is_no_record_is_refused(visitor, sent):
    answer = visitor.post(
        "/compare/figures", content=json.dumps(sent), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422, answer.text
    assert answer.json().keys() == {"error"}


def test_the_examples_of_the_package_can_be_compared(visitor):
    """A potential's tensor beside a tensor that was pasted, as the page sends them."""
    (predicted,) = visitor.post(
        "/api/predict", files=form((EXAMPLES / "silicon.cif").read_bytes(), "silicon.cif")
    ).json()["records"]
    measured = record(SILICON, bulk("Si"), id="measured")
    found = visitor.post("/compare/figures", json={"records": [predicted, measured]}).json()
    assert values(found["rows"], "Shear modulus G (Hill)") == [
        predicted["moduli"]["G"]["hill"], measured["moduli"]["G"]["hill"],
    ]  # fmt: skip
