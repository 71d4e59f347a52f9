"""`@NAME` on the command line: the address of a saved connection."""

import django


def addresses_of(*arguments: str) -> dict[str, str]:
    """The connection string of every `@NAME` among the arguments, by name.

    The application's database is touched, and started if need be, only if there is one. Raises NotFound
    for a name that is not saved.
    """
    names = {argument[1:] for argument in arguments if argument.startswith("@")}
    if not names:
        return {}
    django.setup()
    from config import appdb  # needs the settings, which nothing else here does

    with appdb.in_use():
        from schemadiff.connections import dsn_by_name  # needs the models

        return {name: dsn_by_name(name) for name in names}
