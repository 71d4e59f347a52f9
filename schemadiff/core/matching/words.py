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
    "datetime": ("date", "time"),
    "fullname": ("full", "name"),
    "username": ("user", "name"),
    "zipcode": ("zip", "code"),
}

FORM_WORDS = frozenset({"id", "at", "on", "is", "has", "by", "to", "of", "the", "for"})
"""Words that say what form a value has rather than what it means."""

_SYNONYMS = (
    "account profile",
    "activity event log",
    "address location",
    "admin owner administrator",
    "allowed permitted enabled",
    "amount sum total",
    "app application",
    "archived inactive",
    "author creator writer",
    "available free open",
    "avatar picture photo image",
    "base core main",
    "blocked blacklisted banned",
    "body content text",
    "booking record appointment reservation visit",
    "bookable online",
    "category group kind type class",
    "cell mobile phone telephone",
    "charged captured paid",
    "client customer buyer",
    "closed finished completed done",
    "code key slug identifier",
    "color colour",
    "comment note remark",
    "company organization firm business",
    "config settings options preferences",
    "consent opt agreement",
    "context data payload",
    "cost price fee",
    "count number quantity",
    "country nation",
    "created added registered inserted",
    "current last latest",
    "date day",
    "deleted removed",
    "description summary details",
    "display show visible",
    "duration length",
    "email mail",
    "end finish stop",
    "employee staff worker",
    "error failure",
    "expires expiry expiration",
    "external remote foreign",
    "family last surname",
    "filter query",
    "full complete",
    "gender sex",
    "given first forename",
    "hidden invisible private",
    "intent purpose goal",
    "item product article",
    "kind reason",
    "language locale",
    "level rank grade tier",
    "link url uri website",
    "logo icon emoji",
    "manager supervisor",
    "message text",
    "meta metadata",
    "modified updated changed",
    "name title label",
    "order sort position rank weight sequence",
    "owner user",
    "paid prepaid",
    "parent ancestor",
    "password secret",
    "percent rate share ratio",
    "position role job",
    "public published visible",
    "quantity stock",
    "reference link",
    "score rating",
    "sent delivered",
    "start begin",
    "state status",
    "timestamp time",
    "upload file",
    "vat tax",
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
    ("busy", "free"),
    ("online", "offline"),
    ("user", "bot"),
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
    for left, right in _OPPOSITE_PAIRS:
        if left in one and right in other and left not in other and right not in one:
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


_GROUPS_OF = _groups()
_OPPOSITE_PAIRS = tuple(
    (_plain(left), _plain(right)) for one, other in _OPPOSITES for left, right in ((one, other), (other, one))
)
