"""Addresses and forms with a null character are refused before a page sees them.

PostgreSQL keeps no null character in a text, so that no name, key or word of ours holds one.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import render

_NULL = "\x00"


class NullCharactersRefused:
    """Middleware: 400 with a sentence; needs the logged-in user for the page's frame."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        where = _where(request)
        if where is None:
            return self.get_response(request)
        return render(request, "null_character.html", {"where": where}, status=400)


def _where(request: HttpRequest) -> str | None:
    if _NULL in request.path:
        return "the address"
    for name, fields in (("the address", request.GET), ("the form", request.POST)):
        if _in_fields(fields):
            return name
    return None


def _in_fields(fields: QueryDict) -> bool:
    return any(_NULL in text for name, texts in fields.lists() for text in (name, *texts))
