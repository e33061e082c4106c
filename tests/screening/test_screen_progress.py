"""What a user sees while a database is screened, and how Ctrl-C ends it on the command line."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import sys
import threading
import time

import pytest
from ase.build import bulk

from cijkl.cli import main
from cijkl.cli import screen_progress as module
from cijkl.cli.screen_progress import ScreenProgress
from cijkl.screening import Store
from cijkl.screening.counts import Counts


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch):
    """Time that stands still until it is set."""
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def counted(progress: ScreenProgress) -> None:
    """Wait until the inputs are counted, which is done on the side."""
    until = time.time() + 10.0
    while progress._total is None and time.time() < until:
        time.sleep(0.01)


def test_a_line_now_and_then(clock, capsys):
    with ScreenProgress(lambda: range(500), None, quiet=False) as progress:
        counted(progress)
        for seconds, counts in (
            (10, Counts(20, computed=10)),
            # nothing is settled within half a minute where a potential is at work
            (31, Counts(20)),
            (50, Counts(100, computed=60)),
            (62, Counts(130, computed=90, failed=3, known=20, duplicates=5, dropped=6)),
        ):
            clock[0] = 100.0 + seconds
            progress(counts)
    assert capsys.readouterr().err.splitlines() == [
        "cijkl: 0 of 500 done; 0.0 a minute",
        "cijkl: 124 of 500 done, 3 failed; 2.0 a second, 3 min left",
    ]


def test_a_limit_and_inputs_that_nobody_can_count(clock, capsys):
    with ScreenProgress(lambda: iter(range(10**9)), 40, quiet=False) as progress:
        counted(progress)
        clock[0] += 40.0
        progress(Counts(40, computed=20))
    with ScreenProgress(None, None, quiet=False) as progress:
        clock[0] += 40.0
        progress(Counts(40, computed=20))
    assert capsys.readouterr().err.splitlines() == [
        "cijkl: 20 of 40 done; 30.0 a minute, 40 s left",
        "cijkl: 20 done; 30.0 a minute",
    ]


def test_quiet(clock, capsys):
    def never() -> range:
        raise AssertionError("nobody wants to know how many there are")

    with ScreenProgress(never, None, quiet=True) as progress:
        clock[0] += 100.0
        progress(Counts(40, computed=20))
    assert capsys.readouterr().err == ""


def test_a_bar_on_a_terminal(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setattr(module, "_REFRESH", -1.0)
    with ScreenProgress(lambda: range(500), None, quiet=False) as progress:
        counted(progress)
        progress(Counts(20, computed=100, failed=3, known=20))
        time.sleep(0.3)
    seen = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.getvalue())
    assert "123/500" in seen
    assert "3 failed" in seen
    assert "20 known" in seen


@pytest.mark.slow  # six hundred predictions, some of them in the second run
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_ends_with_a_line_on_how_to_go_on(
    cluster, small_model, tmp_path, monkeypatch, capsys
):
    """As a user types it, once the first batch of five is in; the same command does the rest."""
    pytest.importorskip("duckdb")
    lines = []
    for number in range(600):
        atoms = bulk("Cu" if number % 2 else "Al", "fcc", a=3.0 + 0.003 * number)
        lines.append(json.dumps({
            "id": f"c{number}", "lattice": atoms.cell.array.tolist(),
            "species": list(atoms.symbols), "frac": [[0, 0, 0]],
        }))  # fmt: skip
    (tmp_path / "all.jsonl").write_text("\n".join(lines), encoding="utf-8")
    asked = threading.Event()
    told = ScreenProgress.__call__

    def ctrl_c(self: ScreenProgress, counts: Counts) -> None:
        told(self, counts)
        if counts.inputs >= 256 and not asked.is_set():
            asked.set()
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(ScreenProgress, "__call__", ctrl_c)
    command = [
        "screen", str(tmp_path / "all.jsonl"), "--store", str(tmp_path / "s.duckdb"),
        "--model", str(small_model), "--scheduler", cluster,
    ]  # fmt: skip
    assert main(command) == 0
    printed = capsys.readouterr()
    assert printed.err.splitlines()[-1] == (
        "cijkl: stopped; what was finished is in the store: the same command goes on from there"
    )
    done = int(re.search(r"(\d+) computed", printed.out).group(1))
    assert 0 < done < 600
    with Store(tmp_path / "s.duckdb") as store:
        assert store.counts()["results"] == done
    assert main(command) == 0
    assert f"{600 - done} computed, {done} known already" in capsys.readouterr().out
