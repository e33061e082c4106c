"""The command line: one file for each verb, thin over the Python functions of the same name."""

from cijkl.cli.main import main

__all__ = ["main"]
