"""Notebooks run from top to bottom, and are kept without what they print."""

from __future__ import annotations

import pytest

from .pages import DOCS, ROOT

nbformat = pytest.importorskip("nbformat")
NOTEBOOKS = sorted((DOCS / "notebooks").glob("*.ipynb"))


def said(cell) -> str:
    """Text that a cell printed."""
    return "".join(output.get("text", "") for output in cell.outputs)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_output(path):
    for cell in nbformat.read(path, 4).cells:
        if cell.cell_type == "code":
            assert not cell.outputs and cell.execution_count is None


@pytest.mark.slow
def test_first_steps(as_a_reader):
    client = pytest.importorskip("nbclient").NotebookClient
    notebook = nbformat.read(DOCS / "notebooks" / "first-steps.ipynb", 4)
    client(notebook, timeout=300, resources={"metadata": {"path": str(ROOT)}}).execute()
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    printed = "".join(map(said, cells))
    assert "K = 37.7, G = 44.4 GPa" in printed
    assert "evaluations of the potential" in printed
    drawn = [output for cell in cells for output in cell.outputs if "data" in output]
    assert sum("application/vnd.plotly.v1+json" in output.data for output in drawn) == 2
