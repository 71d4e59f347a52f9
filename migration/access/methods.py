"""The data layer's 21 methods: which table each reads or writes, by what it looks, and what it asks in return."""

from dataclasses import dataclass
from enum import StrEnum

from migration.core.flags import Access


class Domain(StrEnum):
    """Which of the six repositories has the method."""

    DIALOG_CONTEXTS = "dialog_contexts"
    CLIENTS = "clients"
    STAFF = "staff"
    STAFF_SCHEDULES = "staff_schedules"
    SERVICES = "services"
    COMPANIES = "companies"


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """`table` is the one it answers from. `needs`: the fields by which it finds rows, or tells a written row from
    the others; `order`: by which it sorts them. `fields`: what it gives, everything where empty."""

    name: str
    domain: Domain
    table: str
    many: bool = False
    needs: tuple[str, ...]
    order: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()  # what the application writes by it; other fields may be, too

    @property
    def access(self) -> Access:
        return Access.WRITE if self.writes else Access.READ


GET_DIALOG_CONTEXT = Method(
    name="get_dialog_context", domain=Domain.DIALOG_CONTEXTS, table="dialog_contexts", needs=("user_id",)
)
UPSERT_DIALOG_CONTEXT = Method(
    name="upsert_dialog_context",
    domain=Domain.DIALOG_CONTEXTS,
    table="dialog_contexts",
    needs=("user_id",),
    writes=("user_id", "context", "last_message_at"),
)
GET_CLIENT_BY_PHONE = Method(
    name="get_client_by_phone", domain=Domain.CLIENTS, table="clients", needs=("phone",), order=("id",)
)
GET_CLIENT_BY_ID = Method(
    name="get_client_by_id", domain=Domain.CLIENTS, table="clients", needs=("yclients_id", "company_id")
)
GET_CLIENT_APPOINTMENTS = Method(
    name="get_client_appointments",
    domain=Domain.CLIENTS,
    table="bookings",
    many=True,
    needs=("client_id", "datetime"),
    order=("datetime", "id"),
)
GET_UPCOMING_APPOINTMENTS = Method(
    name="get_upcoming_appointments",
    domain=Domain.CLIENTS,
    table="bookings",
    many=True,
    needs=("client_id", "company_id", "datetime", "deleted"),
    order=("datetime", "id"),
)
SEARCH_CLIENTS_BY_NAME = Method(
    name="search_clients_by_name",
    domain=Domain.CLIENTS,
    table="clients",
    many=True,
    needs=("company_id", "name"),
    order=("last_visit_date", "id"),
)
UPSERT_CLIENT = Method(
    name="upsert_client",
    domain=Domain.CLIENTS,
    table="clients",
    needs=("yclients_id", "company_id"),
    writes=("yclients_id", "company_id", "name", "phone"),
)
UPSERT_CLIENTS = Method(
    name="upsert_clients",
    domain=Domain.CLIENTS,
    table="clients",
    many=True,
    needs=("yclients_id", "company_id"),
    writes=("yclients_id", "company_id", "name", "phone"),
)
GET_STAFF_BY_ID = Method(
    name="get_staff_by_id", domain=Domain.STAFF, table="staff", needs=("yclients_id", "company_id")
)
GET_STAFF = Method(
    name="get_staff",
    domain=Domain.STAFF,
    table="staff",
    many=True,
    needs=("company_id", "is_active"),
    order=("name", "id"),
)
GET_STAFF_SCHEDULES = Method(
    name="get_staff_schedules",
    domain=Domain.STAFF_SCHEDULES,
    table="staff_schedules",
    many=True,
    needs=("company_id", "date"),
    order=("date", "id"),
)
GET_STAFF_SCHEDULE = Method(
    name="get_staff_schedule",
    domain=Domain.STAFF_SCHEDULES,
    table="staff_schedules",
    needs=("staff_id", "date", "company_id"),
)
UPSERT_STAFF_SCHEDULES = Method(
    name="upsert_staff_schedules",
    domain=Domain.STAFF_SCHEDULES,
    table="staff_schedules",
    many=True,
    needs=("staff_id", "date"),
    writes=(
        "company_id",
        "staff_id",
        "staff_name",
        "date",
        "is_working",
        "work_start",
        "work_end",
        "day_of_week",
    ),
)
GET_SERVICES = Method(
    name="get_services",
    domain=Domain.SERVICES,
    table="services",
    many=True,
    needs=("company_id", "is_active"),
    order=("weight", "id"),
)
GET_SERVICE_BY_ID = Method(
    name="get_service_by_id", domain=Domain.SERVICES, table="services", needs=("yclients_id", "company_id")
)
GET_SERVICES_BY_CATEGORY = Method(
    name="get_services_by_category",
    domain=Domain.SERVICES,
    table="services",
    many=True,
    needs=("company_id", "category_id", "is_active"),
    order=("name", "id"),
)
UPSERT_SERVICES = Method(
    name="upsert_services",
    domain=Domain.SERVICES,
    table="services",
    many=True,
    needs=("yclients_id", "company_id"),
    writes=("yclients_id", "company_id", "name", "price", "duration"),
)
GET_COMPANY = Method(name="get_company", domain=Domain.COMPANIES, table="companies", needs=("company_id",))
UPSERT_COMPANY = Method(
    name="upsert_company",
    domain=Domain.COMPANIES,
    table="companies",
    needs=("company_id",),
    writes=("id", "company_id", "title", "raw_data"),
)
HEALTH_CHECK = Method(
    name="health_check",
    domain=Domain.COMPANIES,
    table="companies",
    needs=("company_id",),
    fields=("company_id",),
)

METHODS: tuple[Method, ...] = (
    GET_DIALOG_CONTEXT,
    UPSERT_DIALOG_CONTEXT,
    GET_CLIENT_BY_PHONE,
    GET_CLIENT_BY_ID,
    GET_CLIENT_APPOINTMENTS,
    GET_UPCOMING_APPOINTMENTS,
    SEARCH_CLIENTS_BY_NAME,
    UPSERT_CLIENT,
    UPSERT_CLIENTS,
    GET_STAFF_BY_ID,
    GET_STAFF,
    GET_STAFF_SCHEDULES,
    GET_STAFF_SCHEDULE,
    UPSERT_STAFF_SCHEDULES,
    GET_SERVICES,
    GET_SERVICE_BY_ID,
    GET_SERVICES_BY_CATEGORY,
    UPSERT_SERVICES,
    GET_COMPANY,
    UPSERT_COMPANY,
    HEALTH_CHECK,
)
