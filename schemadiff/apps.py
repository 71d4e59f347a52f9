"""Django's entry to the app."""

from django.apps import AppConfig


class SchemadiffConfig(AppConfig):
    name = "schemadiff"
    verbose_name = "Comparison and decision"
    default_auto_field = "django.db.models.BigAutoField"
