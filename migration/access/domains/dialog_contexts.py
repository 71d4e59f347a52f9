"""What the bot remembers of its conversations."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from migration.access import validation
from migration.access.conditions import eq
from migration.access.repository import Found, Repository

KEY = ("user_id",)


@dataclass(frozen=True, slots=True)
class DialogContexts:
    contexts: Repository

    def get_dialog_context(self, user_id: str) -> Found:
        return self.contexts.find_one(eq("user_id", validation.text(user_id, "A user id")))

    def upsert_dialog_context(self, context: Mapping[str, Any]) -> Found:
        return self.contexts.upsert(validation.row(context, "A dialog context"), KEY)
