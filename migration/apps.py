"""Django's entry to the app."""

from django.apps import AppConfig


class MigrationConfig(AppConfig):
    name = "migration"
    verbose_name = "Runs, flags and status"
    default_auto_field = "django.db.models.BigAutoField"
