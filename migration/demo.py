"""What the demo starts with: three people, a project, its two databases, the application's queries, a comparison."""

from django.contrib.auth.models import User
from django.db import transaction
from psycopg.conninfo import conninfo_to_dict

from migration import seedcase, story
from migration.seedcase import story as told
from schemadiff import comparison, connections
from schemadiff.core.options.option import OptionName
from schemadiff.evidence.queries import named_queries
from schemadiff.models import Comparison, Connection, Member, Project, Query, Role, SslMode
from schemadiff.store.weighings import Assumptions, Judged, Judgement, keep_assumptions

LOGINS = (
    ("engineer", "demo-engineer"),
    ("admin", "demo-admin"),
    ("manager", "demo-manager"),
)
"""Names and passwords of the demo, which listens on the loopback address only."""

SLUG = "booking-bot"
SOURCE, TARGET = "legacy", "new"


def populate(source_dsn: str, target_dsn: str) -> None:
    """Make what is missing and bring the two connections' addresses up to date; what people did stays."""
    with transaction.atomic():
        project = _project()
        source = _connection(project, SOURCE, source_dsn)
        target = _connection(project, TARGET, target_dsn)
        _people(project)
        _queries(project)
        story.tell(project)
    if not Comparison.objects.filter(project=project).exists():
        _compare(project, source, target)


def _project() -> Project:
    project, _ = Project.objects.get_or_create(
        slug=SLUG,
        defaults={
            "name": "Booking bot",
            "about": "A WhatsApp booking bot moves from a managed platform to a server of its own.",
        },
    )
    return project


def _people(project: Project) -> None:
    for name, password in LOGINS:
        if not User.objects.filter(username=name).exists():
            user = User.objects.create_user(name, password=password)
            Member.objects.create(project=project, user=user, role=Role(name))
    User.objects.filter(username="admin").update(is_staff=True, is_superuser=True)


def _connection(project: Project, name: str, dsn: str) -> Connection:
    address = conninfo_to_dict(dsn)
    connection = Connection.objects.filter(project=project, name=name).first() or Connection(
        project=project, name=name, sslmode=SslMode.PREFER
    )
    wanted = {
        "host": str(address["host"]),
        "port": int(address["port"] or 5432),
        "dbname": str(address["dbname"]),
        "user": str(address["user"]),
    }
    password = str(address["password"])
    same = all(getattr(connection, field) == value for field, value in wanted.items())
    if same and connection.pk and connections.password_is(connection, password):
        return connection
    for field, value in wanted.items():
        setattr(connection, field, value)
    return connections.save(connection, password=password)


def _queries(project: Project) -> None:
    if not Query.objects.filter(project=project).exists():
        Query.objects.bulk_create(
            Query(project=project, name=query.name, sql=query.sql)
            for query in named_queries(seedcase.QUERIES_SQL.read_text(encoding="utf-8"))
        )


def _compare(project: Project, source: Connection, target: Connection) -> None:
    comparison.compare(
        project,
        source,
        target,
        tables=[("public", table) for table in seedcase.TABLES],
        protected=[("public", table) for table in seedcase.PROTECTED],
        user=User.objects.get(username="engineer"),
    )
    keep_assumptions(Comparison.objects.get(project=project), _assumptions(), None)


def _assumptions() -> Assumptions:
    """What the team guessed and judged before anything was measured. What the figures say is no opinion of theirs."""
    return Assumptions(
        guesses={OptionName(option.key): option.hours for option in told.OPTIONS},
        criteria=tuple(
            Judged(
                key=f"j{number}",
                name=criterion.name,
                weight=50,
                cells={
                    OptionName(option): Judgement(value=value, by="the team, before")
                    for option, value in criterion.given.items()
                },
            )
            for number, criterion in enumerate(told.CRITERIA, start=1)
            if criterion.given
        ),
    )
