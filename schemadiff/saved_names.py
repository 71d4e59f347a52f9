"""`@NAME` on the command line: the address of a saved connection."""

from config import appdb


def addresses_of(*arguments: str) -> dict[str, str]:
    """The connection string of every `@NAME` among the arguments, by name.

    The application's database is touched, and started if need be, only if there is one. Raises NotFound
    for a name that is not saved.
    """
    names = {argument[1:] for argument in arguments if argument.startswith("@")}
    if not names:
        return {}
    with appdb.in_use():
        from schemadiff.connections import dsn_by_name  # needs the models, which nothing else here does

        return {name: dsn_by_name(name) for name in names}
