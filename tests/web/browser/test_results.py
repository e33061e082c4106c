"""What people do at home, with a result and with a job, in headless Chromium."""

from __future__ import annotations

import re
from typing import Any

import pytest

import cijkl

from .conftest import EXAMPLES, drop, get, until

# a browser that starts, and a server that predicts, take seconds
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def expected(small_model):
    (found,) = cijkl.predict(EXAMPLES / "alpha-quartz.cif", small_model)
    return found


def predicted(visit) -> Any:
    page = visit("/")
    drop(page, EXAMPLES / "alpha-quartz.cif")
    until(page, "document.getElementById('given').textContent.includes('quartz')")
    page.click("#go")
    page.wait_for_url("**/results/*")
    return page


def test_drop_a_crystal_and_read_its_moduli(visit, expected):
    page = predicted(visit)
    assert page.text_content("h1").strip() == "SiO2"
    tiles = page.text_content(".tiles")
    for name, words in (("K", "Bulk modulus"), ("G", "Shear modulus")):
        read = float(re.search(words + r"\s*([\d.]+)", tiles).group(1))
        assert read == pytest.approx(expected.record["moduli"][name]["hill"], rel=1e-2)
    page.wait_for_selector(".plot canvas, .plot svg")


def test_ask_for_another_direction(visit, expected):
    page = predicted(visit)
    page.wait_for_selector("#live-facts dd")
    found = {}
    for indices in ("1 0 0", "0 0 1"):
        page.fill("#indices", indices)
        before = page.text_content("#live-facts")
        page.press("#indices", "Enter")
        if indices == "0 0 1":
            until(page, "b => document.getElementById('live-facts').textContent !== b", before)
        found[indices] = float(page.text_content("#live-facts dd").split()[0])
    (crystal,) = cijkl.read(EXAMPLES / "alpha-quartz.cif")
    normals = cijkl.analyze(expected.record["C"], crystal.atoms, hkl=[(1, 0, 0), (0, 0, 1)])
    ours = [each["E"] for each in normals.record["directions"]]
    assert list(found.values()) == pytest.approx(ours, rel=2e-3)
    page.fill("#indices", "1 2")
    page.press("#indices", "Enter")
    until(page, "document.getElementById('live-error').textContent.length > 5")


def test_cancel_a_job(visit, address):
    page = visit("/")
    drop(page, EXAMPLES / "silicon.cif")
    page.check("[name=route][value=compute]", force=True)
    page.click("#go")
    page.wait_for_url("**/jobs/*")
    until(page, "document.getElementById('state').textContent.startsWith('Running')")
    page.click("#cancel")
    until(page, "document.getElementById('state').textContent.startsWith('Cancelled')")
    name = page.url.rpartition("/")[2]
    assert get(address, f"/api/jobs/{name}")["state"] == "cancelled"
