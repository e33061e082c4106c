"""The explorer of this server: opened when it starts, closed when it ends, given to routes."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from starlette.exceptions import HTTPException

from cijkl.errors import CijklError, InputError
from cijkl.web import explorer_queries
from cijkl.web.explorer import Explorer
from cijkl.web.explorer_filter import Filter

__all__ = ["ExplorerOf", "lifespan", "opened"]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the store when the server starts, without making it wait, and close it at the end."""
    app.state.explorer_lock = threading.Lock()
    app.state.explorer = None
    warming = asyncio.create_task(asyncio.to_thread(_warm, app))
    try:
        yield
    finally:
        with suppress(asyncio.CancelledError):
            await warming
        if app.state.explorer is not None:
            app.state.explorer.close()


def opened(app: FastAPI) -> Explorer | None:
    """The explorer of the application's store, None where it has none.

    Raises
    ------
    InputError
        The store is gone, or another process writes to it.
    """
    path = app.state.services.settings.store
    if path is None:
        return None
    with app.state.explorer_lock:
        if app.state.explorer is None:
            try:
                app.state.explorer = Explorer(path)
            except InputError as error:
                # where the file lies is nobody's business
                raise InputError(str(error).replace(str(path), path.name)) from None
        found: Explorer = app.state.explorer
    return found


def _warm(app: FastAPI) -> None:
    try:
        explorer = opened(app)
        if explorer is not None:
            explorer_queries.facts(explorer)
            explorer_queries.points(explorer, Filter())
    except CijklError as error:
        logging.getLogger("cijkl.web").warning("the explorer shows nothing: %s", error)


def _of_request(request: Request) -> Explorer:
    explorer = opened(request.app)
    if explorer is None:
        raise HTTPException(404, "this server shows no store; start it with --store")
    return explorer


#: the explorer, as an argument of a route
ExplorerOf = Annotated[Explorer, Depends(_of_request)]
