"""What people do at home, with a result and with a job, in headless Chromium."""

from __future__ import annotations

import json
import re
from pathlib import Path
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


def test_paste_a_tensor(visit):
    page = visit("/")
    page.fill("#text", (EXAMPLES / "quartz.txt").read_text())
    assert page.is_checked("[name=route][value=analyze]")
    page.click("#go")
    page.wait_for_url("**/results/*")
    ((_, stiffness, _),) = cijkl.read_tensor(EXAMPLES / "quartz.txt")
    read = float(re.search(r"Bulk modulus\s*([\d.]+)", page.text_content(".tiles")).group(1))
    ours = cijkl.analyze(stiffness).record["moduli"]["K"]["hill"]
    assert read == pytest.approx(ours, rel=1e-2)


def test_pick_an_example(visit, small_model):
    page = visit("/")
    page.click("[data-example='corundum.cif']")
    until(page, "document.getElementById('given').textContent === 'corundum.cif'")
    page.click("#go")
    page.wait_for_url("**/results/*")
    assert page.text_content("h1").strip() == "Al2O3"


def test_a_file_that_is_none_is_told_where_it_was_given(visit):
    page = visit("/")
    page.fill("#text", "data_x\n_cell_length_a nonsense\n")
    page.click("#go")
    until(page, "document.getElementById('error').textContent.length > 5")
    assert page.url.endswith("/")


def test_save_what_a_result_holds_and_turn_it(visit, expected, tmp_path):
    page = predicted(visit)
    page.wait_for_selector(".plot canvas, .plot svg")
    page.locator("[data-pattern='surface-*']").scroll_into_view_if_needed()
    page.wait_for_selector("[data-pattern='surface-*'] .main-svg")
    saved = {}
    for name in ("#png", "text=Record (JSON)", "text=Crystal (CIF)", "text=This page (HTML)"):
        with page.expect_download() as download:
            page.click(name)
        saved[name] = Path(download.value.path()).read_bytes()
    assert saved["#png"].startswith(b"\x89PNG")
    assert len(saved["#png"]) > 20_000
    record = json.loads(saved["text=Record (JSON)"])
    assert record["C"] == [pytest.approx(row, rel=1e-5, abs=1e-5) for row in expected.record["C"]]
    (tmp_path / "a.cif").write_bytes(saved["text=Crystal (CIF)"])
    (crystal,) = cijkl.read(tmp_path / "a.cif")
    assert sorted(crystal.atoms.symbols) == ["O"] * 6 + ["Si"] * 3
    assert b"<script" in saved["text=This page (HTML)"]
    page.click("text=IEEE frame")
    page.wait_for_url("**frame=ieee")
    assert "in the IEEE standard orientation" in page.text_content("body")
    page.click("text=Frame of the input")
    page.wait_for_url(re.compile(r"/results/[^?]*$"))


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


def test_follow_a_job_to_its_result(visit):
    page = visit("/")
    drop(page, EXAMPLES / "corundum.cif")
    page.check("[name=route][value=compute]", force=True)
    page.click("#go")
    page.wait_for_url("**/jobs/*")
    until(page, "document.getElementById('state').textContent.startsWith('Running')")
    # energy and volume as they come, and how many products are done
    until(page, "document.querySelectorAll('#volume polyline').length === 1")
    assert re.match(
        r"From 41\.000 to 4[1-5]\.000 cubic", page.get_attribute("#volume", "aria-label")
    )
    until(
        page, "/Products of the response\\s*3/.test(document.getElementById('facts').textContent)"
    )
    page.wait_for_selector("#result:not([hidden])")
    assert page.text_content("#state").strip() == "Done"
    assert not page.is_visible("#cancel")
    page.click("#result")
    page.wait_for_url("**/results/*")
    assert page.text_content("h1").strip() == "Al2O3"


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
