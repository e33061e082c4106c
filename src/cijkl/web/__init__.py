"""cijkl in a browser and over REST: one process that a group can use.

`create_app` makes the application from `Settings`; `cijkl serve` runs it. Whatever a visitor sends
is read, predicted and computed in processes of its own, with limits of time and memory; the server
itself only passes it on. FastAPI is imported when an application is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cijkl.web.settings import Settings

if TYPE_CHECKING:
    from cijkl.web.app import create_app

__all__ = ["Settings", "create_app"]


def __getattr__(name: str) -> Any:
    if name == "create_app":
        from cijkl.web.app import create_app

        return create_app
    raise AttributeError(f"module 'cijkl.web' has no attribute {name!r}")
