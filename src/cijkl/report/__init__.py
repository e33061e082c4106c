"""One crystal's results for people: a page, a table for the terminal, JSON.

All take the result record (a dict). plotly and jinja2 are imported when a page is made, rich when
a table is made.
"""

from cijkl.report.html import html_page
from cijkl.report.jsonl import dumps, write_lines
from cijkl.report.table import table
from cijkl.report.verdict import verdict

__all__ = ["dumps", "html_page", "table", "verdict", "write_lines"]
