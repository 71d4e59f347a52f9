"""Django's entry to the app."""

from django.apps import AppConfig


class MigrationConfig(AppConfig):
    name = "migration"
    verbose_name = "Runs, flags and status"
    default_auto_field = "django.db.models.BigAutoField"
    journey_steps = "migration.journey.steps_of"  # what follows the decision in a project's journey
