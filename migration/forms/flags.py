"""Forms of the flags pages: an application, its flags' values, a reason."""

import re
from typing import Any

from django import forms

from migration.core.flags import BACKEND, MEANINGS, MODULE_PREFIX, SWITCHES, Backend, Flags, changed
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
        if (key := MODULE_PREFIX + focus if focus else BACKEND) in self.fields and focus:
            self.fields[key].widget.attrs["autofocus"] = True
        self._application = application

    @property
    def switches(self) -> list[forms.BoundField]:
        return [self[key] for key in SWITCHES]

    @property
    def backends(self) -> list[forms.BoundField]:
        return [self[key] for key in self.fields if key not in SWITCHES]

    def changes(self) -> dict[str, object]:
        """The values chosen; None for a module that follows the global backend."""
        return {key: None if value == _AS_GLOBAL else value for key, value in self.cleaned_data.items()}

    def flags(self, before: Flags) -> Flags:
        """The flags as they would be."""
        return changed(before, self.changes(), self._application.modules)


def _initial(flags: Flags, modules: list[str]) -> dict[str, object]:
    values: dict[str, object] = {switch: flags.switch(switch) for switch in SWITCHES}
    values[BACKEND] = flags.backend.value
    return values | {MODULE_PREFIX + module: flags.override(module) or _AS_GLOBAL for module in modules}


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
        names = [name for name in re.split(r"[,\s]+", self.cleaned_data["modules"]) if name]
        wrong = [name for name in names if not _MODULE.fullmatch(name)]
        if wrong:
            raise forms.ValidationError(
                f"{wrong[0]} is no module's name: that begins with a letter and has letters, digits, - and _."
            )
        return tuple(dict.fromkeys(names))
