"""Why PostgreSQL refused a row, as a sentence without any of the row's values.

SQLSTATEs after the PostgreSQL manual, appendix A.
"""

_ROW_CLASSES = frozenset({"21", "22", "23", "2F", "38", "39", "44", "P0"})
_ROW_CODES = frozenset({"54000"})  # a value too big for its index


def is_about_a_row(sqlstate: str) -> bool:
    """Is the error one row's fault (its values), not the statement's, the server's or the connection's?"""
    return sqlstate[:2] in _ROW_CLASSES or sqlstate in _ROW_CODES


def sentence(sqlstate: str, *, constraint: str = "", column: str = "") -> str:
    """The reason for people. Names constraint and column; never a value."""
    what = f"“{column}”" if column else "a column"
    by = f" ({constraint})" if constraint else ""
    match sqlstate:
        case "23502":
            return f"{what} must have a value (NOT NULL) and the row has none"
        case "23503":
            return f"the row that {what} refers to is not in the target{by}"
        case "23505":
            return f"a row with the same key is already in the target{by}"
        case "23514":
            return f"the value of {what} is not allowed by the check{by}"
        case "23P01":
            return f"the row collides with another one{by}"
        case "22001":
            return f"the value is longer than {what} takes"
        case "22003":
            return f"the number does not fit into {what}"
        case "22P02" | "22007" | "22008" | "22P03":
            return f"the value cannot be read as the type of {what}"
        case "22021" | "22P05":
            return f"the value of {what} has characters that the target's encoding does not have"
        case "22012":
            return "the mapping's expression divides by zero for this row"
        case "21000":
            return "the mapping's expression gives more than one row"
        case "P0001":
            return f"a function or trigger refused the row{by}"
        case _:
            return f"PostgreSQL refused the row with SQLSTATE {sqlstate}{by}"


def collision_sentence(column: str, constraint: str, others: str) -> str:
    """For a unique key that the row of another source table, which goes into the same one, has taken before."""
    return f"a row with the same “{column}” came already from {others} ({constraint})"


def cascade_sentence(referenced: str, constraint: str) -> str:
    """For a foreign key whose referenced row was itself refused."""
    return f"refused because its row of {referenced} was ({constraint})"
