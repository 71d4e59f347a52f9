"""ICU's locales: up to 15 PostgreSQL keeps them as they were written, since 16 as language tags.

`de_DE` and `de-DE`, `de@collation=phonebook` and `de-u-co-phonebk` are the same. Only the keywords of collations are
known here; what has another stays as it is.
"""

import re
from dataclasses import replace

from schemadiff.core.catalog import Catalog, DefinedObject, Kind

TAGS_SINCE = 160000

_LOCALE = re.compile(r"(?<=\(provider = icu, )((?:deterministic = false, )?locale = )'((?:[^']|'')*)'")
_PLAIN = re.compile(r"[A-Za-z]+(?:[_-][A-Za-z0-9]+)*\Z")
_TRUE = re.compile(r"(?<=-k[a-z])-true(?=-|\Z)")  # older releases of ICU say it
_KEYS = {
    "colalternate": "ka",
    "colbackwards": "kb",
    "colcasefirst": "kf",
    "colcaselevel": "kc",
    "collation": "co",
    "colnormalization": "kk",
    "colnumeric": "kn",
    "colstrength": "ks",
}
_VALUES = {
    "dictionary": "dict",
    "gb2312han": "gb2312",
    "identical": "identic",
    "no": "false",
    "non-ignorable": "noignore",
    "phonebook": "phonebk",
    "primary": "level1",
    "quaternary": "level4",
    "secondary": "level2",
    "tertiary": "level3",
    "traditional": "trad",
    "yes": "",  # true is not said
}


def with_language_tags(catalog: Catalog) -> Catalog:
    """The collations of any server as one from 16 on keeps them."""
    return replace(catalog, defined=tuple(map(_with_tag, catalog.defined)))


def _with_tag(entry: DefinedObject) -> DefinedObject:
    if entry.kind is not Kind.COLLATION:
        return entry
    definition = _LOCALE.sub(lambda found: f"{found[1]}'{language_tag(found[2])}'", entry.definition)
    return entry if definition == entry.definition else replace(entry, definition=definition)


def language_tag(locale: str) -> str:
    """The locale as a language tag; itself where that cannot be told here."""
    name, _, keywords = locale.partition("@")
    name = _TRUE.sub("", name or "und")
    if not _PLAIN.match(name) or name.lower() in ("c", "posix"):
        return locale
    pairs = [keyword.partition("=") for keyword in keywords.lower().split(";") if keyword]
    if any(key not in _KEYS for key, _, _ in pairs):
        return locale
    said = sorted((_KEYS[key], _VALUES.get(value, value)) for key, _, value in pairs)
    words = [word for pair in said for word in pair if word]
    tag = "und" if name.lower() == "root" else name.replace("_", "-")
    return "-".join([tag, *(["u"] if words else []), *words])
