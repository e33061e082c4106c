"""CIFs by identifier, from a server on this machine."""

from __future__ import annotations

import hashlib
import logging

import pytest

from cijkl.cli import main
from cijkl.errors import InputError
from cijkl.structures import Crystal, Unreadable, read
from cijkl.structures.sources.cod import HOPELESS, cod, identifiers

CIF = """data_{name}
_cell_length_a {a}
_cell_length_b {a}
_cell_length_c {a}
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'P 1'
_refine_ls_R_factor_all 0.021
loop_
_atom_site_label
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
Na 0 0 0
Cl 0.5 0.5 0.5
"""
IDS = [f"100000{number}" for number in range(8)]


@pytest.fixture
def archive(server):
    for number, name in enumerate(IDS):
        text = CIF.format(name=name, a=3.3 + number / 100)
        server.pages[f"/cod/{name}.cif"] = text.encode()
    return f"{server.url}/cod"


def test_crystals_in_the_order_asked(archive, kept, hasty):
    wanted = [(IDS[3], None), (IDS[0], None)]
    found = list(cod(wanted, url=archive, kept=kept, manners=hasty))
    assert [crystal.id for crystal in found] == [IDS[3], IDS[0]]
    assert found[0].atoms.get_volume() == pytest.approx(3.33**3)
    assert found[0].source == f"{archive}/{IDS[3]}.cif"
    assert found[0].columns == {"r_factor": 0.021}


def test_one_by_one_and_only_once(archive, server, kept, hasty):
    wanted = [(name, None) for name in IDS[:4]]
    next(cod(wanted, url=archive, kept=kept, manners=hasty))
    assert len(server.asked) == 1
    for _ in range(2):
        assert len(list(cod(wanted, url=archive, kept=kept, manners=hasty))) == 4
    assert len(server.asked) == 4


def test_what_is_absent_or_no_cif_does_not_disturb_the_others(archive, server, kept, hasty):
    server.pages[f"/cod/{IDS[1]}.cif"] = b"<html>busy</html>"
    server.pages[f"/cod/{IDS[2]}.cif"] = b"data_x\n_cell_length_a 5\n"
    wanted = [(name, None) for name in (IDS[0], "9999999", *IDS[1:4])]
    found = list(cod(wanted, url=archive, kept=kept, manners=hasty))
    assert [isinstance(item, Crystal) for item in found] == [True, False, False, False, True]
    assert "404" in found[1].error
    assert "no CIF" in found[2].error
    assert "_cell_length_b is missing" in found[3].error


def test_checksums(archive, server, kept, hasty, tmp_path):
    right = hashlib.sha256(server.pages[f"/cod/{IDS[0]}.cif"]).hexdigest()
    file = tmp_path / "ids.txt"
    file.write_text(f"# pinned\n{IDS[0]} {right}\n\n{IDS[1]}.cif sha256:{right}  # not its own\n")
    found = list(cod(identifiers(str(file)), url=archive, kept=kept, manners=hasty))
    assert isinstance(found[0], Crystal)
    assert f"expected {right}" in found[1].error


def test_a_server_that_is_down_is_given_up(archive, server, kept, hasty):
    for name in IDS[1:6]:
        server.faults[f"/cod/{name}.cif"] = [500] * 3
    found = list(cod([(name, None) for name in IDS], url=archive, kept=kept, manners=hasty))
    assert len(found) == 1 + HOPELESS + 1
    assert "given up after 5 failures in a row" in found[-1].error
    # and goes on where it ended
    found = list(cod([(name, None) for name in IDS], url=archive, kept=kept, manners=hasty))
    assert [isinstance(item, Crystal) for item in found] == [True] * 8


def test_absence_is_no_sign_of_a_server_that_is_down(archive, kept, hasty):
    wanted = [(f"900000{number}", None) for number in range(8)] + [(IDS[0], None)]
    found = list(cod(wanted, url=archive, kept=kept, manners=hasty))
    assert isinstance(found[-1], Crystal)


@pytest.mark.parametrize("quiet", [False, True])
def test_quiet_verbs_say_nothing_of_slow_servers(
    archive, server, small_model, monkeypatch, caplog, capsys, tmp_path, quiet
):
    monkeypatch.setattr("cijkl.structures.sources.web.time.sleep", lambda _: None)
    server.faults[f"/cod/{IDS[0]}.cif"] = [(429, {"Retry-After": "17"})]
    arguments = ["predict", f"cod:{IDS[0]}?url={archive}", "--model", str(small_model)]
    arguments += ["--json", str(tmp_path / "out.jsonl"), *["--quiet"] * quiet]
    assert main(arguments) == 0
    told = [record.getMessage() for record in caplog.records if record.name.startswith("cijkl")]
    if quiet:
        assert (told, capsys.readouterr().err) == ([], "")
    else:
        assert len(told) == 1
        assert "trying again in 17 s" in told[0]
    # and the next verb is as loud as ever
    assert logging.getLogger("cijkl").level == logging.NOTSET


def test_through_the_address(archive, tmp_path):
    file = tmp_path / "ids.txt"
    file.write_text("\n".join(IDS))
    found = list(read(f"cod:{file}?url={archive}"))
    assert [crystal.id for crystal in found] == IDS
    found = list(read([f"cod:{IDS[5]},{IDS[6]}?url={archive}", f"cod:{IDS[5]}?url={archive}"]))
    assert [crystal.id for crystal in found] == [IDS[5], IDS[6], f"{IDS[5]}#2"]
    assert not any(isinstance(item, Unreadable) for item in found)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("12345", "no COD identifier"),
        ("1000000,abc", "neither a file"),
        ("absent.txt", "neither a file"),
        ("", "neither a file"),
        ("12345678", "no COD identifier"),
    ],
)
def test_what_is_no_identifier(text, message):
    with pytest.raises(InputError, match=message):
        identifiers(text)


def test_a_bad_line_is_named(tmp_path):
    file = tmp_path / "ids.txt"
    file.write_text("1000000\nquartz\n")
    with pytest.raises(InputError, match="line 2: 'quartz'"):
        identifiers(str(file))
    file.write_text("# nothing\n")
    with pytest.raises(InputError, match="holds no COD identifier"):
        identifiers(str(file))
