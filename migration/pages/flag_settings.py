"""The pages of an application's settings and of one of its own flags."""

from dataclasses import dataclass

from django.forms import Form

from migration.core.own_flags import OwnFlag
from migration.models import Application


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsPage:
    application: Application
    form: Form
    tables: tuple[str, ...]  # of the newest run or comparison
    revision: int
    conflict: str = ""
    section: str = "flags"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFlagPage:
    """`flag`: the one that is there already; None for a new one."""

    application: Application
    form: Form
    flag: OwnFlag | None
    revision: int
    conflict: str = ""
    section: str = "flags"
