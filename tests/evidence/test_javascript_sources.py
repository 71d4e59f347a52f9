"""Queries out of JavaScript and TypeScript: chains of supabase-js, SQL in literals, and what cannot be made out."""

import io
import zipfile
from pathlib import Path

import psycopg
import pytest

from schemadiff.core.errors import Refused
from schemadiff.embedded import EmbeddedServer
from schemadiff.evidence.queries import judge
from schemadiff.evidence.query_sources.application_code import queries_in_archive, queries_in_code
from schemadiff.evidence.query_sources.found import Gathering
from schemadiff.evidence.query_sources.javascript.postgrest import NotRead, condition, conditions, selected
from schemadiff.evidence.query_sources.javascript.reader import read_javascript
from tests.servers import fresh_database

SEEDCASE = Path(__file__).parents[2] / "migration" / "seedcase"
BOT = Path(__file__).parent / "bot"


def read(text: str, suffix: str = ".ts") -> tuple[list[str], list[tuple[str, str]]]:
    """The SQL, and line and reason of what could not be made out."""
    gathering = Gathering()
    unresolved = list(read_javascript(text, "a", suffix, gathering))
    return [query.sql for query in gathering.queries()], [(u.place, u.why) for u in unresolved]


def test_the_bots_data_layer_asks_what_its_sql_does(server16: EmbeddedServer) -> None:
    """Every method of the 21, of which two ask the same; all of it works on the source as it is."""
    found = queries_in_code(BOT)
    assert not found.unresolved
    assert len(found.queries) == 20
    with fresh_database(server16) as dsn, psycopg.connect(dsn) as connection:
        connection.execute((SEEDCASE / "legacy.sql").read_text().encode())
        connection.commit()
        judged = judge(connection, found.queries)
    assert [each.error for each in judged if not each.works] == []


CHAINS = """
import { supabase, TABLE } from './client';
const KEY = 'id' + ',company_id';
async function f(phone: string, { ids }: Options, row: Row) {
  let query = supabase.from<Row>('clients')
    .select(`id, note->>kind, company:companies!fk(title, city(name)), n:visits.sum()`)!;
  if (phone) { query = query.in('id', ids).ilike('company.title', phone) } else query.or('a.is.null,b.like.x*');
  const { data } = await query.contains('tags', ['a']).textSearch('body', 'x', { type: 'websearch' });
  await (supabase as any).schema('old').from('log').insert([{ a: 1, 'b c': 2 }, { a: 1, d: null }]).select('a');
  await supabase.from('clients').update({ name, ['visit' + '_count']: 1 }).not('id', 'in', '(1,2)').neq('x', 1);
  await supabase.from('clients').upsert({ id: 1 }, { onConflict: KEY });
  const { count } = await supabase.from('clients').select('*', { count: 'exact', head: true }).gt('at', now);
  await supabase.rpc('move', { amount: 1, from_account: a }).single();
  const base = supabase.from('t');
  await base.delete().eq('id', 1).then(done => done);
  await base.insert({}).select();
}
"""


def test_chains() -> None:
    found, unresolved = read(CHAINS)
    assert sorted(found) == [
        "DELETE FROM t WHERE id = $1",
        "INSERT INTO clients (id) VALUES ($1) ON CONFLICT (id, company_id) DO UPDATE SET id = EXCLUDED.id",
        'INSERT INTO old.log (a, "b c", d) VALUES ($1, $2, $3) RETURNING a',
        "INSERT INTO t DEFAULT VALUES RETURNING *",
        "SELECT * FROM move(amount => $1, from_account => $2)",
        "SELECT count(*) FROM clients WHERE at > $1",
        "SELECT id, note->>$5, sum(visits) AS n FROM clients WHERE id = ANY ($1) AND (a IS NULL OR b LIKE $2)"
        " AND tags @> $3 AND body @@ websearch_to_tsquery($4)",
        "SELECT name FROM city EMBEDDED AS city IN companies",
        "SELECT title FROM companies WHERE title ILIKE $1 EMBEDDED AS companies IN clients BY fk",
        "UPDATE clients SET name = $1, visit_count = $2 WHERE NOT (id = ANY ($3)) AND x <> $4",
    ]
    assert unresolved == []


UNKNOWN = """
const kept = supabase.from(pick(what)).select('*');
supabase.from('a').select(columns);
supabase.from('a').insert({ ...given });
supabase.from('a').select('x').weird('y');
supabase.rpc('f', given);
supabase.from('a').select('b').is('c', maybe);
await supabase.from('a').select('b(c').eq('d e', 1);
helper(supabase.from('lonely'));
"""


def test_what_is_known_only_when_the_program_runs_is_listed() -> None:
    found, unresolved = read(UNKNOWN)
    assert found == []
    assert unresolved == [
        ("a:2", "The table’s name is known only when the program runs."),
        ("a:3", "columns is known only when the program runs."),
        ("a:4", "The columns that insert() writes are known only when the program runs."),
        ("a:5", "weird() is no call of supabase-js that is known."),
        ("a:6", "The function’s arguments are known only when the program runs."),
        ("a:7", "What `is` compares with is known only when the program runs."),
        ("a:8", "“b(c” is no name of a column."),
        ("a:9", "The table lonely is named, and nothing is asked of it."),
    ]


def test_what_is_none_of_a_databases_is_left_alone() -> None:
    text = """
    Array.from(rows).map(x => x); Buffer.from('abc'); moment.from(then); storage.from('bucket').upload(x);
    client.storage.from('avatars').remove(['x']); from('rxjs').pipe(x); useQuery('select your plan');
    db.from('t').where('x'); el.query('#select'); queue.any('update available'); raw('delete');
    """
    assert read(text) == ([], [])


LITERALS = """
const TABLE = "clients";
const q = { text: `SELECT name FROM ${TABLE} WHERE id = $1`, values: [id] };
await pool.query(q);
await pool.query('INSERT INTO log (a) ' + "VALUES ($1)", [a]);
await pool.query(`SELECT 1 FROM t WHERE a = ${a} AND b LIKE '%${b}%' LIMIT ${n}`);
await pool.query(`SELECT 1 FROM ${where}`);
await pool.query(`SELECT 1 FROM t WHERE ${parts.join(' AND ')}`);
await sql`SELECT x FROM t WHERE id = ${id} AND b = ${b}`;
await sql<Row[]>`UPDATE t SET ${sql(changes)} WHERE id = ${id}`;
await sql<Row>`SELECT u FROM t`;
await prisma.$queryRaw`SELECT y FROM t`;
await prisma.$executeRawUnsafe("DELETE FROM t WHERE id = $1", 1);
await knex.raw('SELECT z FROM t WHERE a = ? AND b @> ? AND c = :c', x);
await db.oneOrNone('SELECT w FROM t WHERE a = $[a] AND b = $<b> AND a2 = $[a]', o);
await sequelize.query("SELECT v FROM t WHERE a = :a AND b::text = '12:30'", {});
log.query("BEGIN");
"""


def test_sql_in_literals_and_tagged_templates() -> None:
    found, unresolved = read(LITERALS)
    assert sorted(found) == [
        "DELETE FROM t WHERE id = $1",
        "INSERT INTO log (a) VALUES ($1)",
        "SELECT 1 FROM t WHERE a = $1 AND b LIKE $3 LIMIT $2",
        "SELECT name FROM clients WHERE id = $1",
        "SELECT u FROM t",
        "SELECT v FROM t WHERE a = $1 AND b::text = $2",
        "SELECT w FROM t WHERE a = $1 AND b = $2 AND a2 = $1",
        "SELECT x FROM t WHERE id = $1 AND b = $2",
        "SELECT y FROM t",
        "SELECT z FROM t WHERE a = $2 AND b @> $3 AND c = $1",
    ]
    pieces = "The SQL is put together of pieces: what it is, is known only when it runs."
    part = "The SQL has a part that is known only when the program runs."
    assert unresolved == [("a:7", part), ("a:8", part), ("a:10", pieces)]


@pytest.mark.parametrize("suffix", [".js", ".jsx", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx"])
def test_each_kind_of_file(suffix: str) -> None:
    assert read("db.query('SELECT 1 FROM t')", suffix) == (["SELECT 1 FROM t"], [])


def test_a_name_that_may_be_several_things_is_none_of_them() -> None:
    text = (
        "let t = 'a'; if (x) t = 'b'; supabase.from(t).select();\nfunction g(t) { supabase.from(t).select() }"
    )
    found, unresolved = read(text)
    assert (found, [place for place, _ in unresolved]) == ([], ["a:1", "a:2"])


def test_deep_and_broken_files_end_in_a_sentence() -> None:
    found, unresolved = read("db.query(" + "'a' + " * 3_000 + "'b'); supabase.from('t').select('a');")
    assert found == ["SELECT a FROM t"]
    found, unresolved = read("supabase.from('t').select('a'); ((((( let let")
    assert found == ["SELECT a FROM t"]
    assert unresolved == [("a:1", "Something here is no JavaScript or TypeScript that could be read.")]
    read("x." * 5_000 + "from('t').select()")


@pytest.mark.parametrize("text", ["a b", "x.y", "(", "a::b c!", "count(", "a,,b:c:d"])
def test_a_select_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(NotRead):
        selected(text)


def test_filters_and_orders_of_embedded_tables_are_theirs() -> None:
    """A column that the embedded table has lost must not be passed over."""
    found, unresolved = read(
        "supabase.from('clients').select('id, b:bookings!inner(id, staff(name))').eq('bookings.deleted', false)"
        ".not('b.staff.fired', 'is', null).order('datetime', { referencedTable: 'b', ascending: false })"
        ".or('a.eq.1,c.eq.2', { foreignTable: 'bookings' }).order('staff(name)').eq('gone.x', 1)"
    )
    assert found == []
    assert unresolved == [("a:1", "“gone.x” is no name of a column.")]
    found, _ = read(
        "supabase.from('clients').select('id, b:bookings!inner(id, staff(name))').eq('bookings.deleted', false)"
        ".not('b.staff.fired', 'is', null).order('datetime', { referencedTable: 'b', ascending: false })"
        ".or('a.eq.1,c.eq.2', { foreignTable: 'bookings' })"
    )
    assert sorted(found) == [
        "SELECT id FROM bookings WHERE deleted = $1 AND (a = $2 OR c = $3) ORDER BY datetime DESC"
        " EMBEDDED AS bookings IN clients",
        "SELECT id FROM clients",
        "SELECT name FROM staff WHERE NOT (fired IS NULL) EMBEDDED AS staff IN bookings",
    ]


def test_what_no_server_takes_is_no_query_and_what_is_too_deep_is_listed() -> None:
    found, unresolved = read("db.query('SELECT \\x00 1 FROM t'); db.query('SELECT \\ud800 FROM \\ud83d')")
    assert all(ord(character) < 0xD800 or ord(character) > 0xDFFF for sql in found for character in sql)
    deep = "and(" * 3_000 + "a.eq.1" + ")" * 3_000
    found, unresolved = read(f"supabase.from('t').select().or('{deep}'); supabase.from('u').select();")
    assert found == ["SELECT * FROM u"]
    assert unresolved == [("a:1", "What or() is given is nested too deeply to be read.")]


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_archive_is_one_sentence(method: int) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        archive.writestr("a.js", "db.query('SELECT 1 FROM t');" * 500)
    damaged = bytearray(content.getvalue())
    damaged[60:80] = b"\xff" * 20
    with pytest.raises(Refused, match=r"^d\.zip could not be unpacked"):
        queries_in_archive(io.BytesIO(bytes(damaged)), "d.zip")


def test_filters() -> None:
    assert conditions("age.not.in.(1,2),and(a.eq.1,or(b.is.not_null,c.fts.x))") == (
        "(NOT (age = ANY (\1)) OR (a = \1 AND (b IS NOT NULL OR c @@ to_tsquery(\1))))"
    )
    assert condition("a_b->c->>0", "like(any)") == "a_b->'c'->>0 LIKE ANY (\1)"
    with pytest.raises(NotRead, match="no operator"):
        condition("a", "equals")


def test_an_archive_of_code() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("bot/node_modules/x.js", "db.query('SELECT 9 FROM t')")
        archive.writestr("bot/lib/a.min.js", "db.query('SELECT 8 FROM t')")
        archive.writestr("bot/src/a.ts", "db.query('SELECT 1 FROM t')")
        archive.writestr("bot/src/b.py", "cur.execute('SELECT 1 FROM t')")
        archive.writestr("bot/src/c.js", b"\xff.query(")
    found = queries_in_archive(content, "bot.zip")
    assert [(query.sql, query.place) for query in found.queries] == [
        ("SELECT 1 FROM t", "bot/src/a.ts:1, bot/src/b.py:1")
    ]
    assert [each.place for each in found.unresolved] == ["bot/src/c.js:1"]
    with pytest.raises(Refused, match=r"^x\.zip could not be unpacked: expected a \.zip file"):
        queries_in_archive(io.BytesIO(b"PK\3\4 nothing"), "x.zip")
    with pytest.raises(
        Refused, match=r"^e\.zip holds nothing to read queries from: expected the source code"
    ):
        empty = io.BytesIO()
        zipfile.ZipFile(empty, "w").close()
        queries_in_archive(empty, "e.zip")
