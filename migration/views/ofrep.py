"""The flags for any application, over OFREP 0.3.0, with a token per application. No session, no cookie."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from math import ceil
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.urls import URLPattern, path
from django.utils.http import parse_etags
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET

from migration import flags
from migration.core import ofrep, ofrep_description
from migration.core.flags import keys
from migration.core.ofrep import Asked, BadRequest, ErrorCode
from migration.models import Application
from migration.shared_rate_limit import SharedRateLimit

P = ParamSpec("P")
logger = logging.getLogger(__name__)

# Per application, over all processes: 200 clients that ask once a second, all at once if need be, and as many again.
RATE, BURST = 400, 800
LIMIT = SharedRateLimit("flags", rate=RATE, burst=BURST)
FAILED = "The server failed, and its log says why. Keep the flags that you have, and ask again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An authenticated request: whose, with what in it."""

    application: Application
    asked: Asked
    held: tuple[str, ...]  # the ETags that the client holds


View = Callable[Concatenate[Call, P], HttpResponse]


def _ofrep(view: View[P]) -> Callable[..., HttpResponse]:
    """POST only, token checked, rate limited, body read; every answer is JSON that no cache keeps."""

    @csrf_exempt
    @login_not_required
    @wraps(view)
    def wrapped(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            response = _answer(view, request, *args, **kwargs)
        except Exception:  # the protocol wants JSON of this, too; what it was is the log's
            logger.exception("Flags could not be answered")
            response = _refuse(500, FAILED, headers={})
        response["Cache-Control"] = "no-store"
        return response

    return wrapped


def _answer(view: View[P], request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
    if request.method != "POST":
        return _refuse(405, "Evaluate flags with POST.", headers={"Allow": "POST"})
    token = _token(request)
    application = flags.authenticate(token)
    if application is None:
        return _refuse_token(token)
    if wait := LIMIT.wait(str(application.pk), now=time.monotonic()):
        text = f"Too many requests for {application}. Ask again later."
        return _refuse(429, text, headers={"Retry-After": str(ceil(wait))})
    try:
        asked = ofrep.read_request(_body(request))
    except BadRequest as exc:
        return JsonResponse(
            {**kwargs, "errorCode": exc.code.value, "errorDetails": str(exc)},  # kwargs: the key, if any
            status=400,
        )
    return view(_call(application, asked, request), *args, **kwargs)


def _refuse_token(token: str) -> HttpResponse:
    if flags.was_replaced(token):
        return _refuse(
            403, "This token was replaced by a newer one. Give the application that one.", headers={}
        )
    text = "This needs the application's token, as Authorization: Bearer <token> or X-API-Key: <token>."
    return _refuse(401, text, headers={"WWW-Authenticate": "Bearer"})


def _token(request: HttpRequest) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else request.headers.get("X-API-Key", "").strip()


def _body(request: HttpRequest) -> bytes:
    """The body, unread where it says that it is too long."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        if length > ofrep.MAX_BODY:
            raise RequestDataTooBig
        return request.body
    except (RequestDataTooBig, ValueError) as exc:
        message = f"The body is over {ofrep.MAX_BODY // 1024} KB."
        raise BadRequest(ErrorCode.PARSE_ERROR, message) from exc
    except UnreadablePostError as exc:
        raise BadRequest(ErrorCode.PARSE_ERROR, "The body could not be read to its end.") from exc


def _call(application: Application, asked: Asked, request: HttpRequest) -> Call:
    return Call(
        application=application,
        asked=asked,
        held=tuple(parse_etags(request.headers.get("If-None-Match", ""))),
    )


def _refuse(status: int, text: str, *, headers: dict[str, str]) -> HttpResponse:
    return JsonResponse({"errorDetails": text}, status=status, headers=headers)


@_ofrep
def evaluate_flag(call: Call, *, key: str) -> HttpResponse:
    """One flag. Its client holds the revision that it was evaluated at, until it asks again."""
    known = _keys_of(call.application)
    if key not in known:
        text = f"There is no flag {key!r}. The flags are {', '.join(known)}."
        return JsonResponse(_failure(key, ErrorCode.FLAG_NOT_FOUND, text), status=404)
    revision = flags.current(call.application)
    _remember(call, call.asked.revision or revision.number, lease_seconds=0)  # one flag permits nothing
    answer = ofrep.evaluate(flags.flags_of(revision), key, call.asked.module, revision=revision.number)
    return JsonResponse(answer)


def _keys_of(application: Application) -> tuple[str, ...]:
    return keys(application.modules, application.own)


def _failure(key: str, code: ErrorCode, text: str) -> dict[str, Any]:
    return {"key": key, "errorCode": code.value, "errorDetails": text}


@_ofrep
def evaluate_all(call: Call) -> HttpResponse:
    """All flags, or 304 where the client holds this revision already.

    The client is recorded before the revision is read: a cut-over waits for the clients that it finds recorded, so none
    may be told of an earlier revision, which lets it write, and not be among them. Who does not say who it is cannot be
    waited for, and gets no permission.
    """
    _remember(call, _held_revision(call), lease_seconds=call.application.lease_seconds)
    if call.held and (etag := _etag(flags.newest_number(call.application))) in map(_strong, call.held):
        return HttpResponse(status=304, headers={"ETag": etag})
    revision = flags.latest(call.application)
    standing = flags.standing(revision)
    if not call.asked.client:
        standing = replace(standing, lease_seconds=0)
    body = ofrep.evaluate_all(
        flags.flags_of(revision), _keys_of(revision.application), call.asked.module, standing=standing
    )
    return JsonResponse(body, headers={"ETag": _etag(revision.number)})


def _etag(number: int) -> str:
    return f'"r{number}"'


def _strong(tag: str) -> str:
    return tag.removeprefix("W/")


def _held_revision(call: Call) -> int | None:
    """What the client says it holds: in its context, else by its ETag. None where it has nothing yet."""
    if call.asked.revision is not None:
        return call.asked.revision
    held = [ofrep.read_revision(_strong(tag).strip('"')) for tag in call.held]
    return next((number for number in held if number is not None), None)


def _remember(call: Call, revision: int | None, *, lease_seconds: int) -> None:
    if call.asked.client:
        flags.record_client(
            call.application,
            name=call.asked.client,
            module=call.asked.module,
            revision=revision,
            version=call.asked.version,
            writes_in_flight=call.asked.writes_in_flight,
            holding=call.asked.holding,
            lease_seconds=lease_seconds,
        )


@login_not_required
@require_GET
def description(request: HttpRequest) -> HttpResponse:
    """What can be asked here, as OpenAPI 3.1 describes it: for everybody, since it says nothing of anybody's flags."""
    return JsonResponse(ofrep_description.description(request.build_absolute_uri("/").rstrip("/")))


@csrf_exempt
@login_not_required
def nothing_here(request: HttpRequest, rest: str) -> HttpResponse:
    """Every other address of the protocol: JSON, as its clients expect."""
    text = "Nothing is answered here. Flags are evaluated at /ofrep/v1/evaluate/flags and .../flags/{key}."
    return _refuse(404, text, headers={"Cache-Control": "no-store"})


urlpatterns: list[URLPattern] = [
    path("ofrep/v1/evaluate/flags", evaluate_all, name="ofrep_bulk"),
    path("ofrep/v1/evaluate/flags/<path:key>", evaluate_flag, name="ofrep_flag"),
    path("ofrep/openapi.json", description, name="ofrep_description"),
    path("ofrep/<path:rest>", nothing_here),
]
