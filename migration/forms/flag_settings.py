"""Forms of an application's settings and of its own flags."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms

from migration.core.env_file import names_of
from migration.core.flag_rules import Dependency
from migration.core.flags import keys
from migration.core.own_flags import Kind, OwnFlag
from migration.flag_settings import LEASE_SECONDS, POLL_MILLISECONDS, Settings, settings_of
from migration.forms.flags import ReasonForm, module_names
from migration.models import Application

_TABLES = "tables:"
_NAME = "name:"
_NEED = re.compile(r"(\S+)\s+needs\s+(\S+)")


class SettingsForm(ReasonForm):
    """An application's modules and what they need, and how its clients behave."""

    new_modules = forms.CharField(
        label="New modules",
        required=False,
        max_length=1000,
        help_text="More parts that can be switched one by one, separated by commas.",
    )
    dependencies = forms.CharField(
        label="What modules need of one another",
        required=False,
        max_length=4000,
        help_text="One a line, such as: syncScripts needs dataLoader. Both are on the same backend, always.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    second_person = forms.BooleanField(
        label="A change needs the approval of another admin",
        required=False,
        help_text="A roll-back to the source never does. That this ends needs another admin, too.",
    )
    poll_milliseconds = forms.IntegerField(
        label="Clients ask every … milliseconds",
        min_value=POLL_MILLISECONDS[0],
        max_value=POLL_MILLISECONDS[1],
    )
    lease_seconds = forms.IntegerField(
        label="Without an answer a client may write for … seconds",
        min_value=LEASE_SECONDS[0],
        max_value=LEASE_SECONDS[1],
    )

    def __init__(self, application: Application, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, initial=_initial(application) | kwargs.pop("initial", {}), **kwargs)
        self._application = application
        for module in ("", *application.modules):
            self.fields[_TABLES + module] = forms.CharField(
                label=f"Tables that {module} uses" if module else "Tables used outside of modules",
                required=False,
                max_length=20_000,
                help_text="With their schemas, separated by spaces. Empty: all.",
            )
        for key, name in names_of(keys(application.modules, application.own), {}).items():
            self.fields[_NAME + key] = forms.CharField(
                label=f"{key} in the environment",
                required=False,
                max_length=100,
                widget=forms.TextInput(attrs={"placeholder": name}),
            )

    @property
    def module_fields(self) -> list[forms.BoundField]:
        tables = [self[name] for name in self.fields if name.startswith(_TABLES)]
        return [self["new_modules"], self["dependencies"], *tables]

    @property
    def habit_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("second_person", "poll_milliseconds", "lease_seconds")]

    @property
    def name_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(_NAME)]

    def clean_new_modules(self) -> tuple[str, ...]:
        return module_names(self.cleaned_data["new_modules"])

    def clean_dependencies(self) -> tuple[Dependency, ...]:
        lines = [line.strip(" .") for line in self.cleaned_data["dependencies"].splitlines() if line.strip()]
        found = [_NEED.fullmatch(line) for line in lines]
        for line, match in zip(lines, found, strict=True):
            if match is None:
                raise forms.ValidationError(f"“{line}” is not of the form: syncScripts needs dataLoader.")
        return tuple(Dependency(module=match[1], needs=match[2]) for match in found if match)

    def settings(self) -> Settings:
        """What was entered, as the use case takes it."""
        data = self.cleaned_data
        modules = tuple(dict.fromkeys([*self._application.modules, *data["new_modules"]]))
        return Settings(
            modules=modules,
            tables=_split(data),
            dependencies=data["dependencies"],
            second_person=data["second_person"],
            poll_milliseconds=data["poll_milliseconds"],
            lease_seconds=data["lease_seconds"],
            env_names=_named(data),
        )


def _split(data: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    entered = {
        name.removeprefix(_TABLES): tuple(text.replace(",", " ").split())
        for name, text in data.items()
        if name.startswith(_TABLES)
    }
    return {module: tables for module, tables in entered.items() if tables}


def _named(data: Mapping[str, Any]) -> dict[str, str]:
    return {name.removeprefix(_NAME): text for name, text in data.items() if name.startswith(_NAME) and text}


def _initial(application: Application) -> dict[str, object]:
    now = settings_of(application)
    values: dict[str, object] = {
        "dependencies": "\n".join(f"{each.module} needs {each.needs}" for each in now.dependencies),
        "second_person": now.second_person,
        "poll_milliseconds": now.poll_milliseconds,
        "lease_seconds": now.lease_seconds,
    }
    values |= {_TABLES + module: " ".join(tables) for module, tables in now.tables.items()}
    return values | {_NAME + key: name for key, name in now.env_names.items()}


class OwnFlagForm(ReasonForm):
    """A flag of the application's own."""

    key = forms.CharField(
        max_length=100, help_text="What the application asks for, such as new-search or billing/invoices."
    )
    kind = forms.ChoiceField(
        choices=[(Kind.BOOLEAN.value, "true or false"), (Kind.STRING.value, "one of some words")],
        widget=forms.RadioSelect,
        initial=Kind.BOOLEAN.value,
    )
    variants = forms.CharField(
        label="Words that it may be",
        required=False,
        max_length=6000,
        help_text="One a line; only for a flag of words.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    default = forms.CharField(
        max_length=100, initial="false", help_text="true or false, or one of the words: what it is at first."
    )
    description = forms.CharField(required=False, max_length=500, help_text="What it does, for your people.")

    def __init__(self, data: Any = None, *, flag: OwnFlag | None = None, **kwargs: Any) -> None:
        initial = _of_flag(flag) if flag else {}
        super().__init__(data, initial=initial | kwargs.pop("initial", {}), **kwargs)
        if flag is not None:
            self.fields["key"].disabled = True
            self.fields["kind"].disabled = True

    def flag(self) -> OwnFlag:
        """What was entered; whether it makes sense the use case says."""
        data = self.cleaned_data
        kind = Kind(data["kind"])
        words = {"true": True, "false": False}
        default = data["default"]
        return OwnFlag(
            key=data["key"],
            kind=kind,
            default=words.get(default.lower(), default) if kind is Kind.BOOLEAN else default,
            variants=_lines(data["variants"]) if kind is Kind.STRING else (),
            description=data["description"],
        )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _of_flag(flag: OwnFlag) -> dict[str, object]:
    default = str(flag.default).lower() if isinstance(flag.default, bool) else flag.default
    return {
        "key": flag.key,
        "kind": flag.kind.value,
        "variants": "\n".join(flag.variants),
        "default": default,
        "description": flag.description,
    }
