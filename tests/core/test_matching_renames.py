"""Renames that happened in public applications, none of which the weights were computed from, and schemas
of different applications that do the same job: how many are found, and how many are made up."""

import json
from itertools import pairwise
from pathlib import Path

from schemadiff.core.matching import Field, FieldList, Standing, match_cases, pair_fields
from schemadiff.core.matching.cases import agreement

INDEPENDENT = Path(__file__).parents[2] / "benchmarks" / "matching_independent.json"

RENAMES = """
users phone_number phone|users permission role|users nickname username|users password_degist password_digest
users firstName first_name|users pin_hash pin|users email_id email|users organizationId organization_id
orders order_status status|orders shippingAddress shipping_address|orders date_created created_at
orders location_id pickup_location_id|orders needs_redo is_redo|products description short_description
products type category|products price price_cents|products product_name name|products url site_url
projects name title|projects public is_public|projects nature project_type|projects user_id owner_id
projects discourse_topic_id topic_id|events start start_date|events event_type code|events date start
events thread_updated_at thread_updated_ts|items collection_id primary_collection_id|items prince price
messages text content|messages read viewed|messages body message|messages user_id sender_id
invoices deleted_at discarded_at|invoices total_cents total|invoices statuts status
accounts password encrypted_password|accounts token access_token|accounts key access_secret
payments method payment_method|payments patient_id paid_by|payments order_id payable_id
posts title headline|posts user_id author_id|posts content published_content|posts conent content
tasks completed done|tasks assigned_to assignee_id|tasks task_categories task_category|contacts mail email
contacts telefone phone|member date_created date_joined|interview stage interview_type
userprofile profile_img image|notification type notification_type|fee promo_code_temp promo_code
"""

KEPT = tuple(Field(name=name, type="text") for name in ("guid", "colour_scheme", "remarks", "locale"))
DROPPED = Field(name="legacy_flag", type="boolean", not_null=True)
ADDED = (Field(name="checksum", type="bytea"), Field(name="retries", type="integer", has_default=True))


def renames() -> list[tuple[str, ...]]:
    return [tuple(entry.split()) for line in RENAMES.split("\n") for entry in line.split("|") if entry]


def changed(table: str, old: str, new: str, place: int) -> dict[tuple[str, str], Standing]:
    """A table of four columns that stay, one renamed, one dropped and two added, as it is matched."""
    before, after = list(KEPT), list(KEPT)
    before.insert(place, Field(name=old, type="varchar(255)"))
    after.insert(place, Field(name=new, type="varchar(255)"))
    found = pair_fields(
        FieldList(table=table, fields=(*before, DROPPED)), FieldList(table=table, fields=(*after, *ADDED)), {}
    )
    return {(p.source.name, p.target.name): p.standing for p in found if p.standing is not Standing.EQUAL}


def test_between_kept_columns_every_rename_is_accepted_and_nothing_else_found() -> None:
    for table, old, new in renames():
        assert changed(table, old, new, 2) == {(old, new): Standing.ACCEPTED}, (table, old, new)


def test_at_the_end_most_renames_are_accepted() -> None:
    found = {(old, new): changed(table, old, new, 4) for table, old, new in renames()}
    right = [pair for pair, pairs in found.items() if pairs.get(pair) is Standing.ACCEPTED]
    wrong = [pair for pairs in found.values() for pair in pairs if pair not in found]
    assert len(right) >= 0.9 * len(found), sorted(found.keys() - set(right))
    assert len(wrong) <= 0.02 * len(found), wrong


def test_what_was_dropped_and_what_was_added_are_not_paired() -> None:
    alarms = []
    for (_, old, _), (_, _, new) in pairwise(renames()):
        before = (KEPT[0], Field(name=old, type="varchar(255)", not_null=True), *KEPT[1:])
        after = (*KEPT, Field(name=new, type="varchar(255)", not_null=True))
        found = pair_fields(FieldList(table="t", fields=before), FieldList(table="t", fields=after), {})
        alarms += [pair for pair in found if pair.standing is Standing.ACCEPTED]
    assert len(alarms) <= 1, alarms


def test_columns_of_different_applications_are_found_by_their_names() -> None:
    document = json.loads(INDEPENDENT.read_text(encoding="utf-8"))
    result = match_cases(document)
    accepted = agreement(document, result, ("accepted",))
    every = agreement(document, result, ("accepted", "suggested"))
    assert every.true == 62
    assert accepted.f1 >= 0.55 and accepted.precision >= 0.95
    assert every.f1 >= 0.63 and every.precision >= 0.8
