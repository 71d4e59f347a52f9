"""What people assume about the options: minutes, guesses, criteria with weights, and what they give each option."""

from dataclasses import replace
from typing import Any

from django import forms
from django.utils import timezone

from schemadiff.core.options.criteria import centroid_weights
from schemadiff.core.options.effort import TASKS, Minutes
from schemadiff.core.options.option import OptionName
from schemadiff.store.weighings import FULL, Assumptions, Judged, Judgement

MOST_CRITERIA = 30
_POINTS = ("low", "likely", "high")


class WeighingForm(forms.Form):
    """`current` says which criteria there are; each has its fields by its place."""

    shared_error = forms.FloatField(
        label="Error that all kinds of work share",
        min_value=0,
        max_value=2,
        widget=forms.NumberInput(attrs={"step": "0.05", "class": "short"}),
    )
    new_criterion = forms.CharField(label="Another criterion", required=False, max_length=80)

    def __init__(self, *args: Any, current: Assumptions, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.current = current
        self.initial["shared_error"] = current.shared_error
        for task in TASKS:
            self._minutes_of(task.key, current.minutes.get(task.key, task.minutes), task.label)
        for option in OptionName:
            self._guess_of(option)
        for place, criterion in enumerate(current.criteria):
            self._criterion(place, criterion)

    def _minutes_of(self, key: str, minutes: Minutes, label: str) -> None:
        for point in _POINTS:
            name = f"m_{key}_{point}"
            value = getattr(minutes, point)
            self._number(name, f"{label}: minutes, {point}", value, most=10_000, required=False)

    def _guess_of(self, option: OptionName) -> None:
        hours = self.current.guesses.get(option, (None, None))
        for word, value in zip(("from", "to"), hours, strict=True):
            self._number(
                f"g_{option.value}_{word}",
                f"{option.value}: hours {word}",
                value,
                most=100_000,
                required=False,
            )

    def _criterion(self, place: int, criterion: Judged) -> None:
        self._number(f"w_{place}", f"Weight of {criterion.name}", criterion.weight, most=100, slider=True)
        rank = f"Rank of {criterion.name}"
        self.fields[f"r_{place}"] = forms.IntegerField(
            label=rank,
            required=False,
            min_value=1,
            max_value=MOST_CRITERIA,
            widget=forms.NumberInput(attrs={"aria-label": rank, "class": "short"}),
        )
        if criterion.cells:
            self.fields[f"x_{place}"] = forms.BooleanField(label=f"Remove {criterion.name}", required=False)
        for option, cell in criterion.cells.items():
            self._number(
                f"c_{place}_{option.value}", f"{criterion.name}: {option.value}", cell.value, most=FULL
            )

    def _number(
        self,
        name: str,
        label: str,
        value: float | None,
        *,
        most: float,
        required: bool = True,
        slider: bool = False,
    ) -> None:
        kind = {"type": "range", "step": "1"} if slider else {"step": "any", "class": "short"}
        widget = forms.NumberInput(attrs={**kind, "aria-label": label})
        self.fields[name] = forms.FloatField(
            label=label, min_value=0, max_value=most, required=required, widget=widget
        )
        if value is not None:
            self.initial[name] = round(value, 2)

    def clean(self) -> dict[str, Any]:
        """Work that no option has is not on the page, and keeps its minutes."""
        given = super().clean() or {}
        for name in [name for name in self.fields if name.startswith("m_")]:
            if given.get(name) is None and name not in self.errors:
                given[name] = self.initial[name]
        for task in TASKS:
            points = [value for point in _POINTS if (value := given.get(f"m_{task.key}_{point}")) is not None]
            if len(points) == len(_POINTS) and points != sorted(points):
                self.add_error(
                    f"m_{task.key}_likely",
                    f"“{task.label}”: expected low ≤ likely ≤ high, found {', '.join(f'{p:g}' for p in points)}.",
                )
        for option in OptionName:
            low, high = given.get(f"g_{option.value}_from"), given.get(f"g_{option.value}_to")
            if (low is None) != (high is None) or (low is not None and low > high):
                self.add_error(
                    f"g_{option.value}_to",
                    f"The guess for {option.value} needs hours from and to, the smaller first.",
                )
        if given.get("new_criterion") and len(self.current.criteria) >= MOST_CRITERIA:
            self.add_error("new_criterion", f"There are {MOST_CRITERIA} criteria already. Remove one first.")
        return given

    def assumptions(self, by: str, *, by_rank: bool = False) -> Assumptions:
        """Of a valid form. `by_rank`: weights follow from the order; a criterion without a rank comes last."""
        given = self.cleaned_data
        kept = [
            (place, self._judged(place, criterion, by))
            for place, criterion in enumerate(self.current.criteria)
            if not given.get(f"x_{place}")
        ]
        criteria = [criterion for _, criterion in kept]
        if by_rank:
            ranks = [given.get(f"r_{place}") or MOST_CRITERIA + 1 for place, _ in kept]
            weights = centroid_weights(ranks)
            criteria = [replace(each, weight=weight) for each, weight in zip(criteria, weights, strict=True)]
        if name := given["new_criterion"].strip():
            criteria.append(_new(name, criteria, by))
        return Assumptions(
            minutes=dict(self._minutes()),
            shared_error=given["shared_error"],
            guesses={
                option: (given[f"g_{option.value}_from"], given[f"g_{option.value}_to"])
                for option in OptionName
                if given[f"g_{option.value}_from"] is not None
            },
            criteria=tuple(criteria),
        )

    def _minutes(self) -> list[tuple[str, Minutes]]:
        """Those that somebody changed."""
        found = []
        for task in TASKS:
            low, likely, high = (self.cleaned_data[f"m_{task.key}_{point}"] for point in _POINTS)
            minutes = Minutes(low=low, likely=likely, high=high)
            if minutes != task.minutes:
                found.append((task.key, minutes))
        return found

    def _judged(self, place: int, criterion: Judged, by: str) -> Judged:
        """A cell that was left as it is keeps who gave it, and when."""
        cells = {}
        for option, cell in criterion.cells.items():
            value = self.cleaned_data[f"c_{place}_{option.value}"]
            cells[option] = cell if value == cell.value else Judgement(value=value, by=by, at=timezone.now())
        return replace(criterion, weight=self.cleaned_data[f"w_{place}"], cells=cells)


def _new(name: str, known: list[Judged], by: str) -> Judged:
    """In the middle of everything, until somebody says more."""
    number = 1 + max(
        (int(each.key[1:]) for each in known if each.key[:1] == "j" and each.key[1:].isdigit()), default=0
    )
    middle = Judgement(value=FULL / 2, by=by, at=timezone.now())
    return Judged(key=f"j{number}", name=name, weight=50, cells=dict.fromkeys(OptionName, middle))
