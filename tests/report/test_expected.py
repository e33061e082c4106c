import pytest
from rich.console import Console

from cijkl.report import html_page, table
from cijkl.report.expected import expected_note, expected_rows, range_note, range_rows
from cijkl.report.view import tensor_rows, tiles

EXPECTED = {
    "reference": "DFT moduli",
    "crystals": 276,
    "level": 0.9,
    "K": {"value": 95.03, "range": [77.9, 115.9]},
    "G": {"value": 56.9, "range": [36.6, 88.5]},
    "C": [[0.0] * 6] * 6,
}


@pytest.fixture
def record():
    from cijkl import ElasticTensor, analyze

    silicon = ElasticTensor.from_constants("cubic", C11=141.9, C12=67.8, C44=57.4)
    return {**analyze(silicon).record, "uncertainty": EXPECTED}


def test_rows_set_the_potential_beside_what_is_expected(record):
    bulk, shear = expected_rows(record)
    assert bulk == ("Bulk modulus K", "92.5", "95.0", "77.9 to 116")
    assert shear[1:] == ("48.2", "56.9", "36.6 to 88.5")
    assert "90 %" in expected_note(record)
    assert "276" in expected_note(record)


def test_nothing_is_said_where_nothing_is_known(record):
    record["uncertainty"] = None
    assert expected_rows(record) == []
    assert expected_note(record) == ""
    assert "expected" not in html_page(record).split("<script")[0]


def test_table_and_page_show_it(record):
    console = Console(width=80, record=True)
    console.print(table(record))
    assert "36.6 to 88.5" in console.export_text()
    assert "36.6 to 88.5" in html_page(record)


PREDICTED = {
    "reference": "Materials Project",
    "crystals": 850,
    "level": 0.9,
    "K_90": 5.93,
    "G_90": 0.42,
    "K_range": [86.8, 98.7],
    "G_range": [47.7, 48.6],
    "C_std": [[4.2, 3.1, 3.1, 0, 0, 0], *[[1e-6] * 6] * 5],
    "members": 3,
}


@pytest.fixture
def predicted(record):
    return {**record, "uncertainty": PREDICTED}


def test_a_prediction_has_a_half_width(predicted):
    assert range_rows(predicted) == [
        ("Bulk modulus K", "92.5 ± 5.9 GPa"),
        ("Shear modulus G", "48.16 ± 0.42 GPa"),
    ]
    assert expected_rows(predicted) == []
    for fact in ("90 %", "850", "Materials Project"):
        assert fact in range_note(predicted)
    foreign = {**predicted, "warnings": [{"code": "out_of_domain", "message": "Of gold."}]}
    assert range_note(foreign).endswith("so the range may not hold.")


def test_nothing_is_said_of_other_routes(record):
    assert range_rows(record) == []
    assert range_note({**record, "uncertainty": None}) == ""
    assert "±" not in "".join(tile.value for tile in tiles(record))


def test_tiles_matrix_table_and_page_show_it(predicted):
    assert [tile.value for tile in tiles(predicted)][:2] == ["92.5 ± 5.9", "48.16 ± 0.42"]
    first, second, *_ = tensor_rows(predicted)
    assert first[:4] == ["141.9 ± 4.2", "67.8 ± 3.1", "67.8 ± 3.1", "0.00"]
    assert second[1] == "141.90"
    console = Console(width=80, record=True)
    console.print(table(predicted))
    assert "92.5 ± 5.9 GPa" in console.export_text()
    page = html_page(predicted)
    assert "92.5 ± 5.9 GPa" in page
    assert "± standard deviation" in page


def test_a_wide_range_is_told_by_its_ends(record):
    wide = {**PREDICTED, "G_90": 58.0, "G_range": [21.2, 137.3]}
    predicted = {**record, "uncertainty": wide}
    assert range_rows(predicted)[1] == ("Shear modulus G", "48.2 (21.2 to 137) GPa")
    tile = tiles(predicted)[1]
    assert (tile.value, tile.note) == ("48.2", "Hill, 21.2 to 137")
