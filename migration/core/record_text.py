"""The text that PostgreSQL writes for a record, taken apart (manual, "Composite Types", input and output syntax)."""


def fields_of(record: str) -> tuple[str | None, ...]:
    """`(1,"a, b",)` as its fields: 1, then `a, b`, then NULL."""
    fields: list[str | None] = []
    at, end = 1, len(record) - 1
    while at <= end:
        field, at = _quoted(record, at) if record[at] == '"' else _plain(record, at)
        fields.append(field)
        at += 1  # the comma, or the bracket at the end
    return tuple(fields)


def _plain(record: str, at: int) -> tuple[str | None, int]:
    """Without quotes there is no comma in it; nothing at all is NULL."""
    comma = record.find(",", at)
    stop = comma if comma >= 0 else len(record) - 1
    return record[at:stop] or None, stop


def _quoted(record: str, at: int) -> tuple[str, int]:
    """A quote or a backslash inside is doubled."""
    letters: list[str] = []
    at += 1
    while record[at] != '"' or record[at + 1] == '"':
        at += record[at] in '"\\'
        letters.append(record[at])
        at += 1
    return "".join(letters), at + 1
