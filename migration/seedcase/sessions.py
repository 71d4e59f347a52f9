"""The rows of the protected tables: WhatsApp sessions that already live in the target."""

import base64
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from migration.seedcase.primitives import YCLIENTS_COMPANY, Row, rng_for


def _secret(rng: random.Random, size: int) -> str:
    return base64.b64encode(rng.randbytes(size)).decode()


def whatsapp_auth() -> Iterator[Row]:
    rng = rng_for("whatsapp_auth")
    yield dict(
        company_id=str(YCLIENTS_COMPANY),
        creds={
            "registrationId": rng.randrange(1, 16380),
            "platform": "made-up",
            "noiseKey": {"public": _secret(rng, 32), "private": _secret(rng, 32)},
            "signedIdentityKey": {"public": _secret(rng, 32), "private": _secret(rng, 32)},
            "me": {"id": "70000000002:1@s.whatsapp.net", "name": "Север"},
        },
        created_at=datetime(2025, 11, 6, 9, tzinfo=UTC),
        updated_at=datetime(2025, 11, 6, 9, tzinfo=UTC),
    )


def whatsapp_keys() -> Iterator[Row]:
    rng = rng_for("whatsapp_keys")
    kinds = (
        ["pre-key"] * 600
        + ["session"] * 90
        + ["sender-key"] * 30
        + ["app-state-sync-key"] * 5
        + ["app-state-sync-version"] * 3
    )
    for number, kind in enumerate(kinds, 1):
        stamp = datetime(2025, 11, 6, 9, tzinfo=UTC) + timedelta(minutes=7 * number)
        yield dict(
            company_id=str(YCLIENTS_COMPANY),
            key_type=kind,
            key_id=f"{kind}-{number}",
            value={"public": _secret(rng, 32), "private": _secret(rng, 32)},
            created_at=stamp,
            updated_at=stamp,
            expires_at=None,
        )
