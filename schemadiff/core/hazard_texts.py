"""Each hazard explained: what it is, why, what to do instead. The reference page and the web say the same."""

from collections.abc import Iterator
from dataclasses import dataclass

from schemadiff.core import hazards


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """`statements` names typical ones; the texts are plain sentences with `code` between backticks."""

    code: str
    means: str
    statements: str
    what: str
    why: str
    instead: str


EXPLANATIONS = (
    Explanation(
        code=hazards.DATA_LOSS,
        means="rows or values are gone afterwards",
        statements="`DROP TABLE`, `DROP COLUMN`, `DROP SEQUENCE`, a type that rounds or cuts",
        what="The statement drops a table, a column that is not computed, an attribute, or a sequence "
        "of its own (how far it had counted is lost); or it converts values to a type that holds "
        "less of them and raises no error. The plan calls such a statement *destructive*.",
        why="No statement brings the values back. Plans of `compare --format sql` contain such "
        "statements where the target has what the source has not. Runs do not, and refuse a plan "
        "that does: what is in their way is put aside in a schema `schemadiff_parked_…` first.",
        instead="Make sure that nothing in there is needed, or that there is a backup that was read back, "
        "before you apply the script. A renamed table or column is no loss: confirm the rename in "
        "a mapping.",
    ),
    Explanation(
        code=hazards.POSSIBLE_RENAME,
        means="what is dropped looks like what is made under another name",
        statements="`DROP COLUMN`, `DROP TABLE` beside a `CREATE` of the like",
        what="The statement drops an object that only the target has, and the source has one that looks the "
        "same under another name or in another schema. The sentence names the candidates, and why; where "
        "several fit, it says so.",
        why="Without a person's word nothing is taken for a rename, so the script drops the one and makes the "
        "other, and what the first held is gone.",
        instead="If it is a rename, confirm it in a mapping (`compare --mapping`) or on the comparison's page: the "
        "script then renames, and keeps every row. If it is none, reject it there, and the hazard is gone.",
    ),
    Explanation(
        code=hazards.TABLE_REWRITE,
        means="every row of the table is written anew",
        statements="`ALTER COLUMN … TYPE`, `ADD COLUMN` with a value computed for each row, `SET LOGGED`, "
        "`SET TABLESPACE`",
        what="PostgreSQL writes the whole table and all its indexes into new files.",
        why="It needs as much room again, all of it goes through the WAL and to every replica, and an "
        "ACCESS EXCLUSIVE lock is held all the while (so `blocks-reads` always comes along). "
        "Statistics of a converted column are gone until the next `ANALYZE`. Longer `varchar`s, "
        "`varchar` to `text` and more digits before a `numeric`'s point need no rewrite and have "
        "no hazard.",
        instead="Add a new column, have a trigger keep it up to date, fill it in batches, and swap the "
        "names in one short transaction; or apply the statement when the table may stand still.",
    ),
    Explanation(
        code=hazards.BLOCKS_READS,
        means="for as long as it takes nobody reads or writes the table",
        statements="rewrites, validating `CHECK`, `SET NOT NULL`, building a key, `ATTACH PARTITION`",
        what="An ACCESS EXCLUSIVE lock is held while rows are read or written: every query on the "
        "table waits.",
        why="The time grows with the table. Statements that take that lock for a moment only "
        "(dropping a column, adding one without a value to compute, setting a default) do not "
        "have this hazard, but they wait for their lock, and who comes after them waits behind "
        "them: that is what their short `lock_timeout` is for.",
        instead="Plan it `--online`: checks and NOT NULLs are then added NOT VALID and validated under a "
        "weak lock, and keys get their index built CONCURRENTLY first. What has no such way "
        "(rewrites, exclusion constraints) wants a quiet hour.",
    ),
    Explanation(
        code=hazards.BLOCKS_WRITES,
        means="for as long as it takes nobody writes the table",
        statements="`CREATE INDEX`, adding a foreign key, a domain's new check",
        what="A SHARE or SHARE ROW EXCLUSIVE lock is held while rows are read: queries go on, writes wait.",
        why="An index, and what a constraint says of the rows that are there, has to be right about "
        "all of them, so nobody may add one meanwhile. A foreign key locks both of its tables.",
        instead="Plan it `--online`: indexes are built with `CREATE INDEX CONCURRENTLY`, foreign keys are "
        "added `NOT VALID` and validated afterwards.",
    ),
    Explanation(
        code=hazards.MAY_FAIL_ON_ROWS,
        means="rows that are there can make it fail",
        statements="`SET NOT NULL`, keys, checks, narrower types",
        what="The statement checks or converts rows, and one that does not fit makes it fail.",
        why="A schema does not say what the rows hold. Nothing is changed by a failed statement; what "
        "was committed before it in the script is.",
        instead="Look for such rows first; the sentence says which. Correct them, or leave the rule out.",
    ),
    Explanation(
        code=hazards.STALE_RESULTS,
        means="stored results of a function stay as they were",
        statements="another body for a function that an index or a generated column uses",
        what="A function gets another body, or a text search configuration other dictionaries, while "
        "an index or a stored generated column keeps what the former gave.",
        why="PostgreSQL takes it that an IMMUTABLE function never changes its mind, and does not "
        "notice. Queries that use the index then miss rows.",
        instead="`REINDEX INDEX CONCURRENTLY` the index, or write the column anew (`UPDATE t SET a = a`), "
        "after the script.",
    ),
    Explanation(
        code=hazards.INDEX_DROPPED,
        means="queries that used the index become slower",
        statements="`DROP INDEX` of an index that only the target has",
        what="The target has an index that the source has not, and the plan does not put it back.",
        why="The source does without it, which may be why: its queries, its size or its hardware are "
        "others. Building it again takes as long as the table is large.",
        instead="Look at `pg_stat_user_indexes.idx_scan` of the target first. To keep it, leave it out of "
        "the comparison.",
    ),
    Explanation(
        code=hazards.RULE_DROPPED,
        means="rows get in that were refused before",
        statements="`DROP CONSTRAINT`, `DROP INDEX` of a unique index, where nothing replaces it",
        what="The target refuses rows (duplicates, orphans, values outside of a check) that the source "
        "takes, and from then on it takes them too.",
        why="The first such row stands in the way of ever putting the rule back, and code that relied "
        "on it finds out late.",
        instead="If the rule is right, add it to the source instead: the difference is gone too.",
    ),
    Explanation(
        code=hazards.ROW_VISIBILITY,
        means="people see, or may write, other rows than before",
        statements="`CREATE POLICY`, `ALTER POLICY`, `DROP POLICY`, `ENABLE`, `DISABLE`, `FORCE ROW LEVEL "
        "SECURITY`",
        what="A policy or the switch of row-level security changes on a table that is in use.",
        why="Switched off, or with a restrictive policy gone, it shows rows to roles that were not to "
        "see them. Switched on, it hides every row that no policy shows, and does so without an "
        "error: queries just return less.",
        instead="Ask as each role (`SET ROLE`) what it sees before and after, on a copy.",
    ),
    Explanation(
        code=hazards.EXTENSION_VERSION,
        means="the server may not have the extension, or another version of it",
        statements="`CREATE EXTENSION`, `ALTER EXTENSION … UPDATE TO`",
        what="An extension's files are installed on the server's machine, outside of any database; the "
        "statement only makes use of them.",
        why="`CREATE EXTENSION` takes the version that the server offers, so the two may behave "
        "differently; where the files are missing, or on a managed server that does not allow it, "
        "the statement fails.",
        instead="Look into `pg_available_extension_versions` of the target's server, and install the "
        "package first. Versions can be left out of the comparison.",
    ),
    Explanation(
        code=hazards.SECRET_LEFT_OUT,
        means="an option that looks like a secret is not in the script",
        statements="`CREATE USER MAPPING`, `ALTER SUBSCRIPTION … CONNECTION`",
        what="A user mapping, server, foreign-data wrapper or subscription has options whose names or "
        "values look like secrets: their name holds `pass`, `pwd`, `secret`, `token`, "
        "`credential` or `private`, or ends with `key`, or their value holds a password.",
        why="Such values are never read, so they are in no snapshot and no script; the object is made "
        "without them. Two that differ in nothing else count as the same.",
        instead="Set them by hand after the script, `ALTER USER MAPPING … OPTIONS (ADD password …)`.",
    ),
    Explanation(
        code=hazards.SLOT_LEFT_BEHIND,
        means="a replication slot stays on the publisher",
        statements="`DROP SUBSCRIPTION`",
        what="A subscription is dropped without asking the publisher to drop its replication slot.",
        why="That would fail where the publisher is not reachable, and always in a transaction. The "
        "slot goes on keeping the publisher's WAL.",
        instead="On the publisher, `SELECT pg_drop_replication_slot('…')`, unless another subscription "
        "takes it over.",
    ),
    Explanation(
        code=hazards.MISSING_ROLE,
        means="the object names a role that the target's server does not have",
        statements="`CREATE POLICY … TO`, `CREATE USER MAPPING`",
        what="The object cannot be without the role that it names: the statement fails, and changes "
        "nothing. (What only gives an object to a role, or grants it something, is left out of "
        "the plan instead, and said in a notice.)",
        why="Roles are the whole server's, not the database's, and no plan makes one: who may log in "
        "there is not for a comparison to say.",
        instead="Make the role first, with the `CREATE ROLE` that the sentence gives, or leave the object "
        "out.",
    ),
    Explanation(
        code=hazards.NEWER_SERVER,
        means="the target's server is too old for it",
        statements="`UNIQUE NULLS NOT DISTINCT`, `NOT ENFORCED`, `VIRTUAL`, …",
        what="The source's server is of a newer version, and the object has something that the target's "
        "does not know. The statement fails, and with it the transaction that it stands in. An option "
        "whose plan holds such a statement cannot be decided on.",
        why="There are no words in the older version that say the same; another schema that comes close "
        "would be a decision about the application, not about the move.",
        instead="Move to a server of the version that the sentence names, or newer; or change the object in "
        "the source to what the target knows; or leave it out, by a rule or by the scope.",
    ),
    Explanation(
        code=hazards.LEAVES_INVALID_INDEX,
        means="if it fails it leaves an index behind that is of no use",
        statements="`CREATE INDEX CONCURRENTLY`",
        what="The index is built in several transactions, so a failure (two equal rows, a lock that "
        "was not given, a cancelled statement) cannot undo all of it: an invalid index stays.",
        why="Every write maintains it and no query uses it. It also keeps its name, so the same "
        "statement fails the second time.",
        instead="`DROP INDEX CONCURRENTLY` it, then try again. The comparison sees it as a difference, "
        "and the next plan begins with that; runs drop it themselves, at once and before they go "
        "on after a crash.",
    ),
)

_INTRODUCTION = """\
# Hazards

A hazard says what a statement of a plan can harm. Its code is stable: scripts and rules may rely on it. In a script
(`compare --format sql`) each stands on a line of its own directly above the statement, `-- hazard: <code>:
<sentence>`; on the plan page it is shown with the statement and leads to its explanation; the options count the
statements that have it (`hazards_data_loss` and so on).

Hazards are worked out from what a statement does to the objects of the two catalogs, not from its text
(but for `newer-server`, which looks for the words that a version does not know). On a table
that the plan itself makes there are none: it has no rows and nobody uses it yet. `SELECT`s that set a sequence have
none either.
"""


def explanation_of(code: str) -> Explanation:
    """Every code of `hazards` has one."""
    return next(explanation for explanation in EXPLANATIONS if explanation.code == code)


def as_markdown() -> str:
    """The page docs/reference/hazards.md."""
    return "\n".join([_INTRODUCTION, *_table(), "", *_sections()])


def _table() -> Iterator[str]:
    yield "| code | it means | typical statements |"
    yield "| --- | --- | --- |"
    for each in EXPLANATIONS:
        yield f"| [`{each.code}`](#{each.code}) | {each.means} | {each.statements} |"


def _sections() -> Iterator[str]:
    for each in EXPLANATIONS:
        yield f"## {each.code}\n\n{each.what}\n\n**Why:** {each.why}\n\n**Instead:** {each.instead}\n"
