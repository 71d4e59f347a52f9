"""Flags as an environment file: names, values, and what a shell makes of them."""

import subprocess

import pytest

from migration.core.env_file import check_names, default_name, env_file, names_of
from migration.core.errors import FlagRefused
from migration.core.flags import Backend, Flags, keys, parse
from migration.core.own_flags import Kind, OwnFlag

MODULES = ("dataLoader", "syncScripts", "services", "billing")
ODD = OwnFlag(key="greeting", kind=Kind.STRING, default="it's $HOME", variants=("it's $HOME", "plain"))


def test_the_example_has_the_names_that_its_application_reads() -> None:
    flags = Flags(use_repository_pattern=True, modules=(("syncScripts", Backend.TARGET),))
    text = env_file(flags, names_of(keys(MODULES), {}), title="crm · production", revision=42)
    assert text.splitlines() == [
        "# crm · production: revision 42",
        "USE_REPOSITORY_PATTERN=true",
        "USE_LEGACY_SUPABASE=true",
        "ENABLE_DUAL_WRITE=false",
        "LOG_DATABASE_CALLS=false",
        "BACKEND=source",
        "TIMEWEB_DATA_LOADER=false",
        "TIMEWEB_SYNC=true",
        "TIMEWEB_SERVICES=false",
        "BACKEND_BILLING=source",
    ]


def test_a_shell_reads_each_value_as_it_is() -> None:
    flags = parse({}, (), (ODD,))
    text = env_file(flags, names_of(keys((), (ODD,)), {"greeting": "HELLO"}), title="crm", revision=1)
    done = subprocess.run(
        ["sh", "-c", f'{text}\nprintf "%s|%s" "$HELLO" "$BACKEND"'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "it's $HOME|source"


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("LOG_DATABASE_CALLS", "LOG_DATABASE_CALLS"),
        ("backend.dataLoader", "BACKEND_DATA_LOADER"),
        ("beta/search-v2", "BETA_SEARCH_V2"),
    ],
)
def test_a_name_is_made_of_the_key_where_none_was_chosen(key: str, name: str) -> None:
    assert default_name(key) == name


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ({"backend": "9A"}, "'9A' cannot be a name in an environment"),
        ({"backend": "A B"}, "cannot be a name"),
        ({"backend": "SIDE", "theme": "SIDE"}, "backend and theme would both be SIDE"),
    ],
)
def test_names_that_no_environment_can_have_are_refused(names: dict[str, str], sentence: str) -> None:
    with pytest.raises(FlagRefused, match=sentence):
        check_names(names)
