"""The form of a new project."""

from django import forms

from schemadiff.models import Project


class ProjectForm(forms.ModelForm[Project]):
    class Meta:
        model = Project
        fields = ["name", "slug", "about"]
        labels = {"slug": "Short name", "about": "What is migrated, and why"}
        help_texts = {
            "slug": "Part of every address: letters, digits and hyphens. It cannot be changed later."
        }
        widgets = {"about": forms.Textarea(attrs={"rows": 3})}
        error_messages = {
            "slug": {
                "unique": "Another project has this short name. Choose another one.",
                "invalid": "Only letters, digits, - and _ are possible here, and no space.",
            }
        }
