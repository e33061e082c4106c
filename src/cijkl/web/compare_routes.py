"""`/compare`: two to six results side by side."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Request
from starlette.responses import HTMLResponse, Response

from cijkl.web.answers import json
from cijkl.web.compare import MOST
from cijkl.web.services import ServicesOf
from cijkl.web.templating import render

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


@router.get("/compare")
def compare_page(request: Request, services: ServicesOf) -> Response:
    """The page; which results it shows stands in its address, and its script fetches them."""
    page = render(
        "compare.html.j2",
        here="/compare",
        nonce=request.state.nonce,
        most=MOST,
        store=services.settings.store is not None,
        models=services.offers.model_facts(),
        potentials=services.offers.potentials(),
    )
    return HTMLResponse(page)


@router.post("/compare/figures")
async def figures(
    services: ServicesOf,
    records: Annotated[list[dict[str, Any]], Body(min_length=1, max_length=MOST)],
    frame: Annotated[Literal["input", "ieee"], Body()] = "input",
) -> Response:
    """Numbers in rows, and figures to one scale."""
    message = ("compare", {"records": records, "frame": frame})
    return json(await services.readers.ask(message))
