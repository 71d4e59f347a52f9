"""What a column's or table's name says: its words, and which words mean the same."""

import re
from functools import lru_cache

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")

_ABBREVIATIONS = {
    "addr": "address",
    "amt": "amount",
    "avg": "average",
    "cfg": "config",
    "conf": "config",
    "desc": "description",
    "descr": "description",
    "dt": "date",
    "img": "image",
    "lang": "language",
    "lat": "latitude",
    "lng": "longitude",
    "lon": "longitude",
    "max": "maximum",
    "min": "minimum",
    "msg": "message",
    "num": "number",
    "org": "organization",
    "pct": "percent",
    "pic": "picture",
    "prev": "previous",
    "pwd": "password",
    "qty": "quantity",
    "ref": "reference",
    "rep": "repetition",
    "tel": "phone",
    "ts": "timestamp",
    "tz": "timezone",
    "usr": "user",
    "val": "value",
}

_COMPOUNDS = {
    "birthdate": ("birth", "date"),
    "birthday": ("birth", "day"),
    "fullname": ("full", "name"),
    "username": ("user", "name"),
    "zipcode": ("zip", "code"),
}

_FORM_WORDS = """
id at on is has by to of the for was can in fk pk uuid date time datetime timestamp
new old tmp temp temporary legacy deprecated raw v json text html int field flag
"""
FORM_WORDS = frozenset(_FORM_WORDS.split())
"""Words that say what form a value has rather than what it means."""

_SYNONYMS = (
    "account profile",
    "activity event log history",
    "actor author creator sender writer",
    "address location place",
    "admin administrator owner manager",
    "allowed permitted enabled",
    "amount sum total value",
    "app application",
    "approved accepted confirmed",
    "archived inactive",
    "article post",
    "assigned responsible",
    "attribute property",
    "author creator writer owner user",
    "automatic auto",
    "available free open",
    "avatar photo picture image",
    "base core main primary",
    "birth born",
    "blocked blacklisted banned",
    "body content text message",
    "booking appointment reservation",
    "brand make",
    "category group kind type class",
    "cell mobile phone telephone",
    "channel conversation room",
    "client customer buyer",
    "closed finished completed done resolved",
    "code key slug identifier token",
    "color colour",
    "comment note remark",
    "company organization firm business",
    "config settings options preferences",
    "contact person",
    "context data payload",
    "cost price fee charge",
    "count number quantity total",
    "country nation",
    "created added registered inserted",
    "current latest last",
    "current present",
    "at date datetime day on time timestamp",
    "deleted removed discarded",
    "department division",
    "description summary details",
    "destination target",
    "disabled inactive",
    "discount rebate reduction",
    "display show visible",
    "document file attachment",
    "domain host",
    "due deadline",
    "duration length",
    "element entry item",
    "email mail",
    "employee staff worker",
    "employer company",
    "enabled active",
    "encrypted hashed",
    "end finish stop until",
    "error failure",
    "event meeting",
    "expires expiry valid",
    "external remote foreign",
    "family last surname",
    "feature capability",
    "filter criteria",
    "final definitive",
    "full complete",
    "gender sex",
    "given first forename",
    "group team",
    "guest visitor",
    "headline title",
    "height size",
    "hidden invisible private",
    "homepage website",
    "image logo icon",
    "important priority",
    "income revenue",
    "index position",
    "initial original",
    "intent purpose goal",
    "invoice bill",
    "item product article",
    "job occupation",
    "joined registered",
    "label tag",
    "language locale",
    "level grade tier rank",
    "link url uri website",
    "list collection",
    "location venue site",
    "login user",
    "lot batch",
    "manager supervisor",
    "member participant",
    "message text",
    "meta metadata",
    "method type",
    "mode type",
    "modified updated changed edited",
    "name title label",
    "news announcement",
    "notification alert",
    "option choice",
    "order sort position rank weight sequence",
    "origin source",
    "owner user",
    "page document",
    "paid settled",
    "parent ancestor",
    "partner affiliate",
    "password secret",
    "payload data",
    "payment transaction",
    "percent rate share ratio",
    "permission role right",
    "picture photo image",
    "place rank",
    "position role job",
    "previous former",
    "price value",
    "privacy visibility",
    "project workspace",
    "property attribute",
    "public published visible",
    "published released",
    "quantity stock inventory",
    "question query",
    "raw original",
    "read seen viewed",
    "reason cause",
    "reference link",
    "region area zone",
    "region state province",
    "reply response answer",
    "request query",
    "result outcome",
    "review rating feedback",
    "salary wage",
    "scheduled planned",
    "score rating points",
    "seller vendor supplier",
    "sent delivered",
    "server host",
    "shipping delivery",
    "size length",
    "start begin",
    "state status stage phase",
    "subject title topic",
    "supplier provider",
    "tax vat",
    "team group",
    "telephone phone",
    "template layout",
    "term period",
    "test exam",
    "thumbnail preview",
    "ticket issue",
    "topic subject",
    "tracking trace",
    "type variety",
    "unique distinct",
    "upload file",
    "version revision",
    "video recording",
    "visit view",
    "weight mass",
    "winner champion",
    "year annual",
    "zip postal postcode",
)

_OPPOSITES = (
    ("minimum", "maximum"),
    ("start", "end"),
    ("first", "last"),
    ("before", "after"),
    ("created", "updated"),
    ("net", "gross"),
    ("current", "previous"),
    ("source", "target"),
    ("from", "to"),
    ("width", "height"),
    ("latitude", "longitude"),
    ("online", "offline"),
    ("internal", "external"),
    ("public", "private"),
    ("enabled", "disabled"),
    ("active", "inactive"),
    ("input", "output"),
    ("incoming", "outgoing"),
    ("sender", "receiver"),
    ("sender", "recipient"),
    ("buyer", "seller"),
    ("shipping", "billing"),
    ("home", "away"),
    ("parent", "child"),
    ("left", "right"),
    ("open", "closed"),
    ("credit", "debit"),
    ("buy", "sell"),
    ("hour", "minute"),
    ("minute", "second"),
    ("day", "hour"),
    ("up", "down"),
)


@lru_cache(maxsize=65536)
def words_of(name: str) -> tuple[str, ...]:
    """`clientIDs` and `client_ids` are both `client`, `id`: lower case, singular, no abbreviations."""
    return tuple(plain for _, plain in spelled_words_of(name))


@lru_cache(maxsize=65536)
def spelled_words_of(name: str) -> tuple[tuple[str, str], ...]:
    """The same words, each after the way it is spelled in the name."""
    parts = (_COMPOUNDS.get(word.lower(), (word.lower(),)) for word in _WORD.findall(name))
    return tuple((word, _plain(word)) for group in parts for word in group)


@lru_cache(maxsize=65536)
def are_synonyms(one: str, other: str) -> bool:
    return not groups_of(one).isdisjoint(groups_of(other))


def groups_of(word: str) -> frozenset[int]:
    """Numbers of the groups of synonyms that the word is in."""
    return _GROUPS_OF.get(word, frozenset())


def opposites(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, str] | None:
    """Two words, one of each name, that say opposite things where the other name lacks the same word."""
    for left in one:
        if left not in other:
            for right in _OPPOSITES_OF.get(left, ()):
                if right in other and right not in one:
                    return left, right
    return None


def _plain(word: str) -> str:
    word = _ABBREVIATIONS.get(word, word)
    singular = _singular(word)
    return _ABBREVIATIONS.get(singular, singular)


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if len(word) > 2 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _groups() -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for number, group in enumerate(_SYNONYMS):
        for word in group.split():
            found.setdefault(_plain(word), set()).add(number)
    return {word: frozenset(numbers) for word, numbers in found.items()}


def _opposites_of() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one, other in _OPPOSITES:
        for left, right in ((_plain(one), _plain(other)), (_plain(other), _plain(one))):
            found[left] = (*found.get(left, ()), right)
    return found


_GROUPS_OF = _groups()
_OPPOSITES_OF = _opposites_of()
