"""Pages as HTML: nothing inline that runs, nothing from elsewhere, names escaped, files to save."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from .conftest import EXAMPLES, form


class Parts(HTMLParser):
    """What could run or load in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.sources: list[str] = []
        self.inline: list[str] = []
        self.labels: set[str] = set()
        self.fields: list[dict[str, str | None]] = []
        self.depth = 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.inline += [f"{tag} {key}" for key in given if key.startswith("on") or key == "style"]
        data = given.get("type") == "application/json"
        if tag == "style" or (tag == "script" and "src" not in given and not data):
            self.inline.append(tag)
        for key in ("src", "href", "action"):
            if given.get(key) and tag != "a":
                self.sources.append(given[key])
        if tag == "label":
            self.depth += 1
            self.labels.add(given.get("for") or "")
        if tag in ("input", "select", "textarea"):
            self.fields.append({**given, "wrapped": "yes" if self.depth else None})

    def handle_endtag(self, tag):
        self.depth -= tag == "label"


@pytest.fixture(scope="module")
def result(visitor, quartz):
    answer = visitor.post("/api/predict", files=form(quartz, "q.cif"), data={"keep": "true"})
    return f"/results/{answer.json()['kept'][0]}"


@pytest.mark.parametrize("address", ["/", "/jobs", "/api", "/login", "result"])
def test_a_page_runs_and_loads_only_files_of_the_server(visitor, result, address):
    answer = visitor.get(result if address == "result" else address)
    assert answer.status_code == 200
    parts = Parts(answer.text)
    assert parts.inline == []
    for source in parts.sources:
        assert re.fullmatch(r"/(assets|static)/[a-z]+\.(js|css)|data:,|/login", source), source
        if source.startswith(("/assets", "/static")):
            assert visitor.get(source).status_code == 200
    for field in parts.fields:
        assert field["wrapped"] or field.get("id") in parts.labels, field
    policy = dict(
        part.strip().partition(" ")[::2]
        for part in answer.headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_nonce_is_another_each_time_and_that_of_the_header(visitor, result):
    nonces = set()
    for _ in range(2):
        answer = visitor.get(result)
        (nonce,) = re.findall(r'data-nonce="([^"]+)"', answer.text)
        assert f"'nonce-{nonce}'" in answer.headers["content-security-policy"]
        nonces.add(nonce)
    assert len(nonces) == 2


HOSTILE = "<img src=x onerror=alert(1)>\"'--><script>alert(2)</script>"


@pytest.mark.parametrize("route", ["predict", "analyze"])
def test_markup_in_names_stays_text(visitor, tensor, route):
    if route == "predict":
        crystal = {"id": HOSTILE, "lattice": [[0, 2.7, 2.7], [2.7, 0, 2.7], [2.7, 2.7, 0]],
                   "species": ["Si", "Si"], "frac": [[0, 0, 0], [0.25, 0.25, 0.25]]}  # fmt: skip
        files = form(json.dumps(crystal).encode() + b"\n", f"{HOSTILE}.jsonl")
    else:
        numbers = [[float(x) for x in line.split()] for line in _rows(tensor)]
        record = {"id": HOSTILE, "C": numbers, "formula": HOSTILE}
        files = form(json.dumps(record).encode(), f"{HOSTILE}.json", "tensor")
    answer = visitor.post(f"/api/{route}", files=files, data={"keep": "true"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    (name,) = answer.json()["kept"]
    for address in (f"/results/{name}", f"/results/{name}/page.html"):
        page = visitor.get(address)
        assert page.status_code == 200
        text = re.sub(r'href="data:[^"]*"', "", page.text)
        assert "<img" not in text
        assert "<script>alert" not in text
        assert "&lt;img src=x" in text
    saved = visitor.get(f"/results/{name}/record.json")
    assert re.fullmatch(
        r'attachment; filename="[A-Za-z0-9._-]+\.json"', saved.headers["content-disposition"]
    )


def _rows(tensor: bytes) -> list[str]:
    lines = [line for line in tensor.decode().splitlines() if line and line[0] in " -0123456789"]
    return [line.partition("#")[0] for line in lines][:6]


def test_files_of_a_result(visitor, result, tmp_path):
    from cijkl.structures import read

    record = visitor.get(f"{result}/record.json").json()
    assert record["id"] == "q"
    (tmp_path / "back.cif").write_text(visitor.get(f"{result}/structure.cif").text)
    (again,) = read(tmp_path / "back.cif")
    (before,) = read(EXAMPLES / "alpha-quartz.cif")
    assert again.atoms.get_volume() == pytest.approx(before.atoms.get_volume(), rel=1e-6)
    alone = visitor.get(f"{result}/page.html")
    assert alone.headers["content-disposition"].startswith("attachment")
    assert "default-src 'none'; script-src 'sha256-" in alone.text
    assert visitor.get(f"{result}/../../etc/passwd").status_code == 404
    assert visitor.get(f"{result}/passwd").status_code == 422


@pytest.mark.parametrize("frame", ["input", "ieee"])
def test_figures_come_apart_from_the_page(visitor, result, frame):
    """The page names them, and they are those of the page that is saved."""
    page = visitor.get(result, params={"frame": frame}).text
    assert 'id="figure-' not in page
    (address,) = re.findall(r'data-figures="([^"]+)"', page)
    answer = visitor.get(address)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-encoding"] == "gzip"
    found = answer.json()
    saved = visitor.get(f"{result}/page.html", params={"frame": frame}).text
    blocks = re.findall(
        r'<script type="application/json" id="figure-([\w-]+)">(.*?)</script>', saved
    )
    assert found == {name: json.loads(text) for name, text in blocks}
    wanted = set(re.findall(r'data-figure="([\w-]+)"', page))
    assert {"surface-E", "section-xy-E", "waves", "structure"} <= wanted <= found.keys()
    plain = visitor.get(address, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.json() == found


def test_a_page_names_the_figures_that_there_will_be():
    import numpy as np
    from ase.build import bulk

    import cijkl
    from cijkl.report.figures import figure_names, figures

    stable, unstable = np.diag([300.0] * 3 + [100.0] * 3), np.diag([300.0] * 3 + [-1.0] * 3)
    silicon = bulk("Si")
    for stiffness, atoms in ((stable, silicon), (stable, None), (unstable, silicon)):
        record = cijkl.analyze(stiffness, atoms).record
        names = figure_names(record, atoms)
        assert names == list(figures(record, atoms))
        assert ("surface-E" in names, "waves" in names, "structure" in names) == (
            stiffness is stable, stiffness is stable and atoms is silicon, atoms is silicon
        )  # fmt: skip


def test_along_a_direction_as_by_the_function(visitor, result):
    import numpy as np

    from cijkl.elasticity import ElasticTensor

    record = visitor.get(f"{result}/record.json").json()
    answer = visitor.get(f"/api{result}/direction", params={"kind": "uvw", "indices": "1 1 0"})
    found = answer.json()
    axis = np.array([1, 1, 0]) @ np.array(record["structure"]["lattice"])
    axis /= np.linalg.norm(axis)
    assert found["direction"] == pytest.approx(axis)
    assert found["E"] == pytest.approx(float(ElasticTensor(record["C"]).youngs_modulus(axis)))
    assert len(found["velocities"]) == 3
    for bad in ("0 0 0", "a b c", "1 2", "1;DROP TABLE jobs"):
        answer = visitor.get(f"/api{result}/direction", params={"kind": "hkl", "indices": bad})
        assert answer.status_code == 422
        assert "indices" in answer.json()["error"]


def test_a_face_has_the_same_modulus_in_every_frame(visitor, result):
    place = f"/api{result}/direction"
    given, turned = (
        visitor.get(place, params={"kind": "hkl", "indices": "10-11", "frame": frame}).json()
        for frame in ("input", "ieee")
    )
    assert given["E"] == pytest.approx(turned["E"], rel=1e-9)
    assert given["velocities"] == pytest.approx(turned["velocities"], rel=1e-9)
    page = visitor.get(result, params={"frame": "ieee"})
    assert "in the IEEE standard orientation" in page.text


def test_a_person_sees_a_page_where_a_program_sees_json(visitor):
    html = {"Accept": "text/html,*/*"}
    page = visitor.get("/jobs/nothing", headers=html)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "no such job" in page.text
    assert Parts(page.text).inline == []
    nowhere = visitor.get("/<script>alert(1)</script>", headers=html)
    assert nowhere.status_code == 404
    assert "<script>alert" not in nowhere.text
    for address, headers in (("/jobs/nothing", {}), ("/api/jobs/nothing", html)):
        assert visitor.get(address, headers=headers).json().keys() == {"error"}


def test_the_token(opened):
    visitor = opened(token="correct horse")
    assert visitor.get("/api/models").status_code == 401
    assert visitor.get("/api/jobs", headers={"Authorization": "Bearer wrong"}).status_code == 401
    header = {"Authorization": "Bearer correct horse"}
    assert visitor.get("/api/models", headers=header).status_code == 200
    page = visitor.get("/", headers={"Accept": "text/html"}, follow_redirects=False)
    assert (page.status_code, page.headers["location"]) == (303, "/login")
    assert visitor.post("/login", data={"token": "wrong"}).status_code == 401
    entered = visitor.post("/login", data={"token": "correct horse"}, follow_redirects=False)
    cookie = entered.headers["set-cookie"]
    assert "correct" not in cookie
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert visitor.get("/api/models").status_code == 200
    visitor.cookies.clear()
    assert visitor.get("/api/models", cookies={"cijkl_session": "x"}).status_code == 401


def test_examples_are_those_of_the_repository(visitor):
    from cijkl.web.routes.pages import EXAMPLES as OFFERED

    for name in OFFERED:
        assert visitor.get(f"/examples/{name}").text == (EXAMPLES / name).read_text()
    for name in ("..%2f..%2fapp.py", "%2e%2e%2fapp.py", "app.py", "quartz.txt%00"):
        assert visitor.get(f"/examples/{name}").status_code in (404, 405), name
