"""The content security policy: everything from ourselves, nothing inline.

https://www.w3.org/TR/CSP3/
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponseBase

P = ParamSpec("P")

_HEADER = "Content-Security-Policy"
_STRICT = {
    "default-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}
# plotly.js writes style elements, and makes pictures of its charts as data: and blob: addresses.
_CHARTS = {**_STRICT, "style-src": "'self' 'unsafe-inline'", "img-src": "'self' data: blob:"}


class ContentSecurityPolicy:
    """Middleware: the strict policy on every response that has none of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault(_HEADER, _text(_STRICT))
        return response


def charts_allowed(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Relax the policy for one view, as far as plotly.js needs."""

    @wraps(view)
    def relaxed(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response.headers[_HEADER] = _text(_CHARTS)
        return response

    return relaxed


def _text(policy: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in policy.items())
