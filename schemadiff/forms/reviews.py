"""What a reviewer says: a comment, or a verdict with its reason."""

from django import forms

from schemadiff.core.approval import Outcome

_LONGEST = 4000


class CommentForm(forms.Form):
    """Plain text about an object, or about the row of it that has this anchor."""

    text = forms.CharField(max_length=_LONGEST, error_messages={"required": "Write something first."})
    attribute = forms.CharField(max_length=2000, required=False)
    thread = forms.IntegerField(required=False)


class ApprovalForm(forms.Form):
    """The reason is demanded for either outcome."""

    outcome = forms.ChoiceField(
        choices=[(outcome.value, outcome.value) for outcome in Outcome],
        error_messages={"required": "Choose: approve, or request changes."},
    )
    reason = forms.CharField(
        max_length=_LONGEST,
        error_messages={"required": "Say why: others will read it when you are not there."},
    )

    def chosen(self) -> Outcome:
        return Outcome(self.cleaned_data["outcome"])
