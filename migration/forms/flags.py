"""Forms of the flags pages: an application, its flags' values, a reason."""

import re
from typing import Any

from django import forms

from migration.core.flag_effects import in_words
from migration.core.flag_rules import Override
from migration.core.flags import BACKEND, MEANINGS, MODULE_PREFIX, SWITCHES, Backend, Flags, changed
from migration.core.own_flags import Kind, OwnFlag
from migration.models import Application

_MODULE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,59}", re.ASCII)
_AS_GLOBAL = "as-global"


class ReasonForm(forms.Form):
    """Why, and on which revision the decision to change rests."""

    reason = forms.CharField(
        label="Reason",
        max_length=2000,
        help_text="Kept in the history, for whoever asks later.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why: every change of a flag has a reason."},
    )
    expected_revision = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class OverrideForm(forms.Form):
    """Why something is done against what stands against it."""

    override_reason = forms.CharField(
        label="Why all the same",
        required=False,
        max_length=2000,
        help_text="Kept in the history beside what it was done against.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def override(self, seen: tuple[str, ...]) -> Override | None:
        """What answers the objections that were seen, if anything was said."""
        said = self.cleaned_data["override_reason"]
        return Override(reason=said, of=seen) if said else None


class ChangeForm(ReasonForm, OverrideForm):
    """Why, and when."""

    when = forms.ChoiceField(
        label="When",
        choices=[("now", "now"), ("at", "at a time")],
        initial="now",
        widget=forms.RadioSelect,
    )
    at = forms.DateTimeField(
        label="Time (UTC)",
        required=False,
        help_text="It is suspended if by then the flags or the tables are not as they are now.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": "Enter a date and a time, such as 2025-12-03 14:00."},
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("when") != "at":
            cleaned["at"] = None
        elif not cleaned.get("at") and "at" not in self.errors:
            self.add_error("at", "Say at which time.")
        return cleaned


class FlagsForm(forms.Form):
    """The value of every flag of one application. `changes` is what `migration.flags.change` takes."""

    def __init__(self, application: Application, flags: Flags, data: Any = None, *, focus: str = "") -> None:
        super().__init__(data, initial=_initial(flags, application.modules))
        for switch in SWITCHES:
            self.fields[switch] = forms.BooleanField(required=False, label=switch, help_text=MEANINGS[switch])
        self.fields[BACKEND] = forms.ChoiceField(
            label="backend (global)", choices=_choices(), help_text="For every module without one of its own."
        )
        for module in application.modules:
            self.fields[MODULE_PREFIX + module] = forms.ChoiceField(
                label=MODULE_PREFIX + module,
                choices=[(_AS_GLOBAL, "as global"), *_choices()],
            )
        self._own = [flag for flag in application.own if not flag.archived]
        for flag in self._own:
            self.fields[flag.key] = _own_field(flag)
        if (key := MODULE_PREFIX + focus if focus else BACKEND) in self.fields and focus:
            self.fields[key].widget.attrs["autofocus"] = True
        self._application = application

    @property
    def switches(self) -> list[forms.BoundField]:
        return [self[key] for key in SWITCHES]

    @property
    def backends(self) -> list[forms.BoundField]:
        return [self[key] for key in self.fields if key == BACKEND or key.startswith(MODULE_PREFIX)]

    @property
    def own(self) -> list[forms.BoundField]:
        return [self[flag.key] for flag in self._own]

    def changes(self) -> dict[str, object]:
        """The values chosen; None for a module that follows the global backend."""
        return {key: None if value == _AS_GLOBAL else value for key, value in self.cleaned_data.items()}

    def flags(self, before: Flags) -> Flags:
        """The flags as they would be."""
        return changed(before, self.changes(), self._application.modules, self._application.own)


def _initial(flags: Flags, modules: list[str]) -> dict[str, object]:
    values: dict[str, object] = {switch: flags.switch(switch) for switch in SWITCHES}
    values[BACKEND] = flags.backend.value
    values |= dict(flags.own)
    return values | {MODULE_PREFIX + module: flags.override(module) or _AS_GLOBAL for module in modules}


def _own_field(flag: OwnFlag) -> forms.Field:
    if flag.kind is Kind.BOOLEAN:
        return forms.BooleanField(required=False, label=flag.key, help_text=flag.description)
    choices = [(variant, in_words(variant)) for variant in flag.variants]
    return forms.ChoiceField(label=flag.key, choices=choices, help_text=flag.description)


def _choices() -> list[tuple[str, str]]:
    return [(side.value, side.value) for side in (Backend.SOURCE, Backend.TARGET)]


_NO_WORD = "Only letters, digits, - and _ are possible here, and no space."


class ApplicationForm(forms.Form):
    """A new application in an environment, with its modules."""

    name = forms.SlugField(
        max_length=60,
        label="Application",
        help_text="As it calls itself, such as crm: letters, digits, - and _.",
        error_messages={"invalid": _NO_WORD},
    )
    environment = forms.SlugField(max_length=60, initial="production", error_messages={"invalid": _NO_WORD})
    modules = forms.CharField(
        required=False,
        max_length=1000,
        help_text="The parts that can be switched one by one, separated by commas: dataLoader, syncScripts.",
    )

    def clean_modules(self) -> tuple[str, ...]:
        return module_names(self.cleaned_data["modules"])


def module_names(text: str) -> tuple[str, ...]:
    """Modules' names out of a text with commas or spaces between them. ValidationError for what is none."""
    names = [name for name in re.split(r"[,\s]+", text) if name]
    wrong = [name for name in names if not _MODULE.fullmatch(name)]
    if wrong:
        raise forms.ValidationError(
            f"{wrong[0]} is no module's name: that begins with a letter and has letters, digits, - and _."
        )
    return tuple(dict.fromkeys(names))
