"""The six repositories of the booking bot, one for each thing that it knows: the same code for both backends."""

from collections.abc import Mapping
from dataclasses import dataclass

from migration.access.domains.clients import Clients
from migration.access.domains.companies import Companies
from migration.access.domains.dialog_contexts import DialogContexts
from migration.access.domains.services import Services
from migration.access.domains.staff import Staff
from migration.access.domains.staff_schedules import StaffSchedules
from migration.access.layout import Layout
from migration.access.repository import Database, Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Domains:
    """All six on one database. The fields are called as `Domain` says."""

    dialog_contexts: DialogContexts
    clients: Clients
    staff: Staff
    staff_schedules: StaffSchedules
    services: Services
    companies: Companies


def domains_on(database: Database, layouts: Mapping[str, Layout]) -> Domains:
    """The repositories over a database whose tables lie as `layouts` says, by the application's names."""
    tables = {name: Repository(database, layout) for name, layout in layouts.items()}
    return Domains(
        dialog_contexts=DialogContexts(tables["dialog_contexts"]),
        clients=Clients(tables["clients"], tables["bookings"]),
        staff=Staff(tables["staff"]),
        staff_schedules=StaffSchedules(tables["staff_schedules"]),
        services=Services(tables["services"]),
        companies=Companies(tables["companies"]),
    )
