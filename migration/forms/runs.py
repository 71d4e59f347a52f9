"""What a person says when a run is started."""

from dataclasses import replace
from typing import Any

from django import forms

from migration.core.limits import Limits
from schemadiff.core.options.option import OptionName
from schemadiff.core.plan import Mode
from schemadiff.models import Comparison, Project


class ChosenPlanForm(forms.Form):
    """Which plan: of a comparison by its number, and an option."""

    comparison = forms.ModelChoiceField(queryset=Comparison.objects.none(), to_field_name="number")
    option = forms.TypedChoiceField(choices=[(o.value, o.value) for o in OptionName], coerce=OptionName)
    mode = forms.ChoiceField(choices=[(m.value, m.value) for m in Mode], required=False)

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = project.comparisons.select_related("source__connection", "target__connection")
        comparison = self.fields["comparison"]
        assert isinstance(comparison, forms.ModelChoiceField)
        comparison.queryset = found.defer("source__catalog", "target__catalog")


class LimitsForm(forms.Form):
    """How much of the source a copy may take; nothing said is no limit."""

    rows_per_second = forms.IntegerField(
        label="Rows a second at most",
        required=False,
        min_value=1,
        max_value=2_000_000_000,
        help_text="Over all copying processes together.",
    )
    source_lag = forms.FloatField(
        label="Wait while the source’s replicas are behind by more than … seconds",
        required=False,
        min_value=0,
        max_value=1_000_000,
        help_text="The slowest replica counts. The source’s role needs pg_monitor for it.",
    )
    source_sessions = forms.IntegerField(
        label="Wait while more sessions than … are active on the source",
        required=False,
        min_value=0,
        max_value=100_000,
        help_text="Those of others, in all its databases. The source’s role needs pg_monitor for it.",
    )

    between_rounds = forms.FloatField(
        label="Rest between two rounds of comparing, in seconds",
        required=False,
        min_value=0,
        max_value=86_400,
        help_text=f"Only where the source is followed by comparing; {Limits().between_rounds:g} where nothing is said.",
    )

    def __init__(self, *args: Any, compares: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not compares:
            del self.fields["between_rounds"]

    def limits(self, kept: Limits | None = None) -> Limits:
        """What is not asked for here stays as `kept` has it."""
        said = {name: self.cleaned_data[name] for name in LimitsForm.base_fields if name in self.fields}
        if said.get("between_rounds", 0) is None:
            said["between_rounds"] = Limits().between_rounds
        return replace(kept or Limits(), **said)


class StartForm(LimitsForm):
    """Why now, and how gently."""

    field_order = ("reason", "backs_up", "overwrites", "live", "compares")

    reason = forms.CharField(
        label="Reason",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept with the run: why it is started now, and who knows of it.",
    )
    backs_up = forms.BooleanField(
        label="Back the target’s tables up first",
        required=False,
        help_text="What is put aside, changed or written to is dumped by pg_dump into a file on the worker’s machine, "
        "besides what is put aside anyway. It can be brought back from there, proven by hashes.",
    )
    overwrites = forms.BooleanField(
        label="Overwrite rows that the target has",
        required=False,
        help_text="A row whose key is in the source becomes the source’s, and what it was is kept as a repair that "
        "can be undone. Without this it stays, and the source’s row is rejected.",
    )
    live = forms.BooleanField(
        label="Follow the source until the cut-over",
        required=False,
        help_text="What is written to the source while the rows are copied, and after, comes along. It takes a "
        "replication slot on the source, which is removed at the end.",
    )
    compares = forms.BooleanField(
        label="By comparing, without the source’s log",
        required=False,
        help_text="For sources that give no replication slot: all rows are compared in rounds, and those that differ "
        "are made the source’s. The target is as old as the last round, and writes stop for one more at the cut-over.",
    )

    def __init__(self, *args: Any, option: OptionName, can_back_up: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not can_back_up:
            del self.fields["backs_up"]
        if option is OptionName.RECREATE:  # its tables are new ones
            del self.fields["overwrites"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("live") and cleaned.get("overwrites"):
            self.add_error("live", "Following takes empty tables, in which there is nothing to overwrite.")
        if cleaned.get("compares") and not cleaned.get("live"):
            self.add_error(
                "compares", "This says how the source is followed: tick “Follow the source” as well."
            )
        return cleaned

    @property
    def why(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in LimitsForm.base_fields]

    @property
    def how_gently(self) -> list[forms.BoundField]:
        return [self[name] for name in LimitsForm.base_fields]

    @property
    def is_limited(self) -> bool:
        """Has anybody said how gently?"""
        return any(field.value() not in (None, "") for field in self.how_gently)


class RemoveForm(forms.Form):
    """What one run left is removed for good; with `kind` and `name` one thing of it, or of all runs."""

    ledger_id = forms.UUIDField(required=False)
    kind = forms.CharField(required=False)
    name = forms.CharField(required=False)
    for_good = forms.BooleanField()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("ledger_id") and not cleaned.get("kind"):
            raise forms.ValidationError("Say what is to be removed.")
        return cleaned
