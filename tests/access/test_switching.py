"""Which backend a call uses, for every combination of what it depends on; and flags from the environment."""

from functools import partial
from itertools import product

import pytest

from migration.access.switching import FixedFlags, FlagState, from_environment
from migration.core.errors import FlagRefused
from migration.core.flags import Access, Backend, CutOver, Flags, backend_of

BOTH = (False, True)
SAYS = (Backend.SOURCE, Backend.TARGET)
OVERRIDES = (None, *SAYS)

# what the module's flag says, repository on, legacy on, target up, what the call does, cut over -> backend
TABLE: dict[tuple[Backend, bool, bool, bool, Access, CutOver], Backend] = {}


def expect(
    backend: Backend,
    *,
    says: tuple[Backend, ...] = SAYS,
    repository: tuple[bool, ...] = BOTH,
    legacy: tuple[bool, ...] = BOTH,
    up: tuple[bool, ...] = BOTH,
    access: tuple[Access, ...] = tuple(Access),
    cut_over: tuple[CutOver, ...] = tuple(CutOver),
) -> None:
    for row in product(says, repository, legacy, up, access, cut_over):
        assert row not in TABLE, f"{row} is in the table twice"
        TABLE[row] = backend


TARGET = (Backend.TARGET,)
expect(Backend.TARGET, says=TARGET, repository=(True,), up=(True,))
expect(Backend.SOURCE, says=(Backend.SOURCE,), legacy=(True,))
expect(Backend.NONE, says=(Backend.SOURCE,), legacy=(False,))
expect(Backend.SOURCE, says=TARGET, repository=(False,), legacy=(True,))
expect(Backend.NONE, says=TARGET, repository=(False,), legacy=(False,))
expect_down = partial(expect, says=TARGET, repository=(True,), up=(False,))
expect_down(Backend.NONE, legacy=(False,))
expect_down(Backend.SOURCE, legacy=(True,), cut_over=(CutOver.BEFORE,))
expect_down(Backend.SOURCE, legacy=(True,), cut_over=(CutOver.AFTER,), access=(Access.READ,))
expect_down(Backend.NONE, legacy=(True,), cut_over=(CutOver.AFTER,), access=(Access.WRITE,))


def test_the_table_has_every_combination() -> None:
    assert len(TABLE) == 2 * 2 * 2 * 2 * 2 * 2


@pytest.mark.parametrize("backend", SAYS)
@pytest.mark.parametrize("override", OVERRIDES)
@pytest.mark.parametrize("other", OVERRIDES)
def test_every_call_uses_the_backend_of_the_table(
    backend: Backend, override: Backend | None, other: Backend | None
) -> None:
    """`other`: another module's override, which must not matter; nor must dual-write and the log."""
    modules = tuple((name, value) for name, value in (("a", override), ("b", other)) if value is not None)
    for repository, legacy, dual, log, up, access, cut_over in product(
        BOTH, BOTH, BOTH, BOTH, BOTH, Access, CutOver
    ):
        flags = Flags(
            use_repository_pattern=repository,
            use_legacy_supabase=legacy,
            enable_dual_write=dual,
            log_database_calls=log,
            backend=backend,
            modules=modules,
        )
        choice = backend_of(flags, "a", target_up=up, access=access, cut_over=cut_over)
        asked = override or backend
        row = (asked, repository, legacy, up, access, cut_over)
        assert choice.backend is TABLE[row], f"{row}: {choice.reason}"
        wanted_target = asked is Backend.TARGET and repository
        assert choice.fell_back is (wanted_target and not up), f"{row}: {choice.reason}"
        if access is Access.WRITE and cut_over is CutOver.AFTER and wanted_target:
            assert choice.backend is not Backend.SOURCE, "after cut-over a write never falls back"


def test_fixed_flags_answer_the_same_and_permit_every_write() -> None:
    state = FlagState(flags=Flags(use_repository_pattern=True), cut_over=CutOver.AFTER, revision=7)
    reader = FixedFlags(state)
    with reader.writing("a", within=0) as permitted:
        assert permitted == reader.current() == state


def test_flags_from_the_environment() -> None:
    variables = {
        "USE_REPOSITORY_PATTERN": "true",
        "USE_LEGACY_SUPABASE": "1",
        "ENABLE_DUAL_WRITE": " False ",
        "LOG_DATABASE_CALLS": "on",
        "BACKEND": "source",
        "TIMEWEB_SYNC": "true",
        "TIMEWEB_SERVICES": "false",
        "PATH": "is nobody's business",
    }
    assert from_environment(variables).current() == FlagState(
        flags=Flags(
            use_repository_pattern=True,
            log_database_calls=True,
            modules=(("services", Backend.SOURCE), ("syncScripts", Backend.TARGET)),
        )
    )
    assert from_environment({}).current() == FlagState()
    assert from_environment({}, cut_over=CutOver.AFTER).current().cut_over is CutOver.AFTER


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"ENABLE_DUAL_WRITE": "maybe"}, "ENABLE_DUAL_WRITE is true or false; the environment says 'maybe'."),
        ({"backend": "both"}, "backend is source or target, not 'both'."),
        ({"USE_LEGACY_SUPABASE": "false"}, "no module would have a database"),
        ({"TIMEWEB_SYNC": "true"}, "backend.syncScripts says target while USE_REPOSITORY_PATTERN is off"),
    ],
)
def test_an_environment_that_makes_no_sense_is_refused(variables: dict[str, str], sentence: str) -> None:
    with pytest.raises(FlagRefused) as caught:
        from_environment(variables)
    assert sentence in str(caught.value)
