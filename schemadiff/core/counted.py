"""English numbers of things: `1 table`, `5,000 tables`."""


def counted(count: int, noun: str) -> str:
    """`1 table`, `2 tables`, `2 indexes`, `5,000 queries`."""
    return f"{count:,} {noun if count == 1 else plural_of(noun)}"


def differing(rows: int) -> str:
    """`1 row differs`, `2 rows differ`."""
    return f"{counted(rows, 'row')} {'differs' if rows == 1 else 'differ'}"


def plural_of(noun: str) -> str:
    """English's regular plural; what is one already stays."""
    if noun.endswith("privileges"):
        return noun
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("x", "s")) else f"{noun}s"
