"""The OFREP endpoints as OpenAPI 3.1 describes them, for clients' tools and for tests."""

from typing import Any

from migration.core.ofrep import MAX_BODY, MAX_NAME, ErrorCode

_NAME = {"type": "string", "description": "Longer ones are cut."}
_DETAILS = {"type": "string", "minLength": 1, "description": "What was wrong, and what to do, in a sentence."}


def description(server: str) -> dict[str, Any]:
    """The whole document. `server`: the address that the paths begin at."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Flags over OFREP 0.3.0",
            "version": "0.3.0",
            "description": "Which backend each module of an application uses, and the application's own flags. "
            "The token says which application and environment is meant.",
        },
        "servers": [{"url": server}],
        "security": [{"bearer": []}, {"key": []}],
        "paths": {
            "/ofrep/v1/evaluate/flags": {"post": _bulk()},
            "/ofrep/v1/evaluate/flags/{key}": {"post": _single()},
        },
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
            "schemas": _schemas(),
            "headers": _headers(),
            "responses": _refusals(),
        },
    }


def _bulk() -> dict[str, Any]:
    return {
        "operationId": "evaluateAll",
        "summary": "All flags, unless the client holds them already",
        "parameters": [
            {
                "name": "If-None-Match",
                "in": "header",
                "required": False,
                "description": "The ETag of the answer that the client holds.",
                "schema": {"type": "string", "examples": ['"r42"']},
            }
        ],
        "requestBody": _request(),
        "responses": {
            "200": _answer("The flags, and how their client is to behave.", "AllFlags", etag=True),
            "304": {
                "description": "The client holds this revision; there is no body.",
                "headers": {"ETag": _header("ETag"), "Cache-Control": _header("NoStore")},
            },
            "400": _answer("The body or its context cannot be understood.", "Refusal"),
            **_common(),
        },
    }


def _single() -> dict[str, Any]:
    return {
        "operationId": "evaluateFlag",
        "summary": "One flag",
        "parameters": [
            {
                "name": "key",
                "in": "path",
                "required": True,
                "description": "The flag's key. A slash in it may stand as it is.",
                "schema": {"type": "string", "minLength": 1},
            }
        ],
        "requestBody": _request(),
        "responses": {
            "200": _answer("The flag's value.", "Flag"),
            "400": _answer("The body or its context cannot be understood.", "FlagRefusal"),
            "404": _answer("The application has no such flag.", "FlagRefusal"),
            **_common(),
        },
    }


def _request() -> dict[str, Any]:
    return {
        "required": True,
        "description": f"At most {MAX_BODY // 1024} KB.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Request"}}},
    }


def _answer(told: str, schema: str, *, etag: bool = False) -> dict[str, Any]:
    headers = {"Cache-Control": _header("NoStore")} | ({"ETag": _header("ETag")} if etag else {})
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": told, "headers": headers, "content": content}


def _header(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/headers/{name}"}


def _common() -> dict[str, Any]:
    names = {"401": "Unknown", "403": "Replaced", "429": "TooMany", "500": "Failed"}
    return {status: {"$ref": f"#/components/responses/{name}"} for status, name in names.items()}


def _refusals() -> dict[str, Any]:
    unknown, many = (
        _answer(told, "Details") for told in ("No token, or none of an application.", "Too often.")
    )
    unknown["headers"]["WWW-Authenticate"] = {"required": True, "schema": {"const": "Bearer"}}
    many["headers"]["Retry-After"] = _header("RetryAfter")
    return {
        "Unknown": unknown,
        "Replaced": _answer("The token was replaced by a newer one.", "Details"),
        "TooMany": many,
        "Failed": _answer("The server failed; the client keeps what it has.", "Details"),
    }


def _headers() -> dict[str, Any]:
    return {
        "ETag": {
            "required": True,
            "description": "The revision: another one means that something changed.",
            "schema": {"type": "string", "pattern": '^"r[0-9]+"$'},
        },
        "NoStore": {"required": True, "schema": {"const": "no-store"}},
        "RetryAfter": {
            "required": True,
            "description": "Seconds until a request will be answered.",
            "schema": {"type": "integer", "minimum": 1},
        },
    }


def _schemas() -> dict[str, Any]:
    return {
        "Request": {
            "type": "object",
            "properties": {"context": {"$ref": "#/components/schemas/Context"}},
        },
        "Context": _context(),
        "Flag": _flag(),
        "AllFlags": {
            "type": "object",
            "required": ["flags", "metadata"],
            "properties": {
                "flags": {"type": "array", "items": {"$ref": "#/components/schemas/Flag"}},
                "metadata": _standing(),
            },
        },
        "Refusal": _refusal("errorCode"),
        "FlagRefusal": _refusal("key", "errorCode"),
        "Details": {
            "type": "object",
            "required": ["errorDetails"],
            "properties": {"errorDetails": _DETAILS},
            "additionalProperties": False,
        },
    }


def _context() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "Other attributes than these are read over.",
        "properties": {
            "targetingKey": _NAME
            | {
                "type": ["string", "null"],
                "description": f"The process that asks; over {MAX_NAME} characters it is cut. Without it, it is not "
                "counted.",
            },
            "module": _NAME | {"type": ["string", "null"], "description": "Honoured for the key `backend`."},
            "revision": {
                "description": "The revision that the client holds: 42, or r42. Anything else is none."
            },
            "clientVersion": _NAME | {"type": ["string", "null"], "description": "Of the client's software."},
            "writesInFlight": {"description": "How many writes the client has begun and not ended."},
            "holding": {"description": "True while the client holds new writes."},
        },
    }


def _flag() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["key", "value", "variant", "reason", "metadata"],
        "properties": {
            "key": {"type": "string"},
            "value": {"type": ["boolean", "string"]},
            "variant": {"type": "string"},
            "reason": {"enum": ["STATIC", "TARGETING_MATCH"]},
            "metadata": {
                "type": "object",
                "required": ["revision"],
                "properties": {
                    "revision": {"type": "integer", "minimum": 1},
                    "effective": {"enum": ["source", "target", "none"]},
                    "why": {"type": "string"},
                },
                "additionalProperties": False,
            },
        },
        "additionalProperties": False,
    }


def _standing() -> dict[str, Any]:
    properties = {
        "revision": {"type": "integer", "minimum": 1},
        "poll_milliseconds": {"type": "integer", "minimum": 1},
        "lease_seconds": {
            "type": "integer",
            "minimum": 0,
            "description": "How long the client may write without another answer; 0 for one that has no name.",
        },
        "hold_writes": {"type": "boolean"},
        "cut_over": {"enum": ["before", "after"]},
    }
    return {
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
    }


def _refusal(*also: str) -> dict[str, Any]:
    codes = [code.value for code in ErrorCode]
    properties = {"key": {"type": "string"}, "errorCode": {"enum": codes}, "errorDetails": _DETAILS}
    wanted = {name: properties[name] for name in (*also, "errorDetails")}
    return {
        "type": "object",
        "required": list(wanted),
        "properties": wanted,
        "additionalProperties": False,
    }
