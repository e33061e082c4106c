"""Where results go: table, JSON Lines, HTML pages; messages go to standard error."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from cijkl.errors import InputError

if TYPE_CHECKING:
    from cijkl.record import Result

__all__ = ["Output", "say", "write_results"]


@dataclass(frozen=True)
class Output:
    """What the user asked to be written.

    Parameters
    ----------
    json
        Path for JSON Lines, ``-`` for standard output; None for none.
    html
        Folder for pages, or the path of a single page ending in ``.html``; None for none.
    quiet
        Whether to leave out tables, progress and remarks.
    """

    json: str | None
    html: Path | None
    quiet: bool


def say(message: str) -> None:
    """One line on standard error."""
    print(" ".join(message.split()), file=sys.stderr)


def write_results(results: Iterable[Result], output: Output) -> int:
    """Write each result as soon as it comes, and give the exit code.

    Returns
    -------
    0 if all succeeded, 1 if some failed.
    """
    failures, pages = 0, _Pages(output.html) if output.html is not None else None
    with ExitStack() as stack:
        stream = _json_stream(output.json, stack)
        for result in results:
            if stream is not None:
                from cijkl.report.jsonl import write_lines

                write_lines([result.record], stream)
            if pages is not None:
                pages.write(result)
            if not result.ok:
                failures += 1
                say(f"cijkl: {result.record['id']}: {result.record['error']}")
            elif output.json != "-" and not output.quiet:
                _print_table(result)
    if pages is not None and pages.written and not output.quiet:
        say(f"wrote {pages.written[0] if len(pages.written) == 1 else output.html}")
    return 1 if failures else 0


def _json_stream(path: str | None, stack: ExitStack) -> TextIO | None:
    if path is None:
        return None
    if path == "-":
        return sys.stdout
    return stack.enter_context(Path(path).open("w", encoding="utf-8"))


def _print_table(result: Result) -> None:
    from rich.console import Console

    from cijkl.report.table import table

    Console().print(table(result.record))


class _Pages:
    """HTML pages, one for each crystal, with file names that cannot collide."""

    def __init__(self, target: Path) -> None:
        self.single = target.suffix.lower() == ".html"
        self.target = target
        self.written: list[Path] = []
        folder = target.parent if self.single else target
        if folder.exists() and not folder.is_dir():
            raise InputError(
                f"--html: {folder} is a file; give a folder, or a path ending in .html"
            )
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, result: Result) -> None:
        from cijkl.report.html import html_page

        path = self._path(result.record["id"])
        path.write_text(html_page(result.record, result.atoms), encoding="utf-8")
        self.written.append(path)

    def _path(self, identifier: str) -> Path:
        if self.single and not self.written:
            return self.target
        folder = self.target.parent if self.single else self.target
        stem = re.sub(r"[^A-Za-z0-9._-]+", "_", identifier).strip("._")[:80] or "crystal"
        path, count = folder / f"{stem}.html", 1
        while path in self.written:
            count += 1
            path = folder / f"{stem}-{count}.html"
        return path
