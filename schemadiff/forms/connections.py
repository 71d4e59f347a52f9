"""The form of a saved database."""

import re
from typing import Any

from cryptography import x509
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from schemadiff.models import Connection, Project

_ADDRESS = ("host", "port", "user")


class ConnectionForm(forms.ModelForm[Connection]):
    """Adds or edits a connection. `new_password` is None where the saved one stays."""

    port = forms.IntegerField(
        initial=5432,
        validators=[MinValueValidator(1), MaxValueValidator(65535)],
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    password = forms.CharField(
        required=False,
        strip=False,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"}),
    )

    class Meta:
        model = Connection
        fields = ["name", "host", "port", "dbname", "user", "password", "sslmode", "ssl_root_certificate"]
        help_texts = {
            "name": "Short, without spaces: on the command line it is @name.",
            "host": "Host name, IP address, or the folder of a unix socket.",
            "user": "A source needs a role that may read; a target one that may create.",
            "ssl_root_certificate": "Only for verify-ca and verify-full, where no well-known authority "
            "signed the server’s certificate.",
        }
        error_messages = {
            "name": {"invalid": "Only letters, digits, - and _ are possible here, and no space."}
        }
        widgets = {
            "ssl_root_certificate": forms.Textarea(attrs={"rows": 3, "class": "mono", "spellcheck": "false"}),
            **{
                name: forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
                for name in ("name", "host", "dbname", "user")
            },
        }

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.project = project
        self.instance.project = project
        self._former = {name: getattr(self.instance, name) for name in _ADDRESS}
        self._has_password = bool(self.instance.password_encrypted)
        self.fields["password"].help_text = (
            "Leave empty to keep the saved one; it is never shown."
            if self._has_password
            else "Encrypted when saved, never shown again."
        )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        others = Connection.objects.filter(project=self.project, name=name).exclude(pk=self.instance.pk)
        if others.exists():
            raise forms.ValidationError(
                f"This project has a connection “{name}” already. Choose another name."
            )
        return name

    def clean_host(self) -> str:
        host: str = self.cleaned_data["host"]
        if not re.fullmatch(r"/[^,\s]*|\[?[\w.:%-]+\]?", host):
            raise forms.ValidationError(
                f"“{host}” is not one host: expected a name (db.example.org), an IP address or a folder "
                "(/run/postgresql)."
            )
        return host.strip("[]")

    def clean_ssl_root_certificate(self) -> str:
        text: str = self.cleaned_data["ssl_root_certificate"].strip()
        if not text:
            return ""
        try:
            x509.load_pem_x509_certificates(text.encode())
        except ValueError as exc:
            raise forms.ValidationError(
                "This is no PEM certificate: it starts with -----BEGIN CERTIFICATE----- and ends with "
                "-----END CERTIFICATE-----."
            ) from exc
        return text

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self._has_password and not cleaned.get("password") and self._address_changes():
            self.add_error(
                "password",
                "Host, port or user have changed: enter the password again, so that a saved one is never "
                "sent to another server.",
            )
        return cleaned

    @property
    def new_password(self) -> str | None:
        """What to save: None keeps the saved one."""
        entered: str = self.cleaned_data.get("password", "")
        return entered or (None if self._has_password else "")

    def _address_changes(self) -> bool:
        return any(self.cleaned_data.get(name, former) != former for name, former in self._former.items())
