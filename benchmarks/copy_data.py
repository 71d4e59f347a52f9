"""The rows that benchmarks/copy.py carries: a shop of 8 tables with secondary indexes and foreign keys."""

import psycopg

SHARES = {  # of all rows
    "clients": 0.025,
    "products": 0.0125,
    "orders": 0.125,
    "items": 0.45,
    "payments": 0.1,
    "events": 0.2,
    "notes": 0.0625,
    "visits": 0.025,
}
LARGEST = "items"

TABLES = """
CREATE TABLE public.clients (id bigint NOT NULL, email text NOT NULL, name text, city text, made timestamptz);
CREATE TABLE public.products (id bigint NOT NULL, code uuid NOT NULL, name text, price numeric(10,2), data jsonb);
CREATE TABLE public.orders (
    id bigint NOT NULL, client bigint NOT NULL, state text NOT NULL, total numeric(12,2), placed timestamptz NOT NULL);
CREATE TABLE public.items (
    id bigint NOT NULL, "order" bigint NOT NULL, product bigint NOT NULL, pieces integer NOT NULL,
    price numeric(10,2), note text, at timestamptz);
CREATE TABLE public.payments (
    id bigint NOT NULL, "order" bigint NOT NULL, amount numeric(12,2), reference uuid, paid date);
CREATE TABLE public.events (id bigint NOT NULL, client bigint, kind text NOT NULL, data jsonb, at timestamptz);
CREATE TABLE public.notes (id bigint NOT NULL, "order" bigint NOT NULL, body text);
CREATE TABLE public.visits (id uuid NOT NULL, client bigint NOT NULL, page text, at timestamptz);
"""

_ROWS = {
    "clients": "n, 'c' || n || '@example.org', 'Client ' || n, 'City ' || n % 997, {at}",
    "products": "n, md5(n::text)::uuid, 'Product ' || n, n % 9999 / 100.0, jsonb_build_object('n', n, 'size', n % 7)",
    "orders": "n, 1 + n * 7 % {clients}, (ARRAY['open','paid','sent','shut'])[1 + n % 4], n % 99999 / 100.0, {at}",
    "items": "n, 1 + n % {orders}, 1 + n * 13 % {products}, 1 + n % 9, n % 9999 / 100.0, left(md5(n::text), 20), {at}",
    "payments": "n, 1 + n % {orders}, n % 99999 / 100.0, md5(n::text)::uuid, date '2025-01-01' + (n % 365)::int",
    "events": "n, 1 + n * 11 % {clients}, 'kind ' || n % 20, jsonb_build_object('n', n, 'of', n % 100), {at}",
    "notes": "n, 1 + n * 5 % {orders}, repeat(md5(n::text), 1 + (n % 6)::int)",
    "visits": "md5(n::text)::uuid, 1 + n * 3 % {clients}, '/page/' || n % 5000, {at}",
}

KEYS = """
ALTER TABLE public.clients ADD PRIMARY KEY (id), ADD UNIQUE (email);
ALTER TABLE public.products ADD PRIMARY KEY (id), ADD UNIQUE (code);
ALTER TABLE public.orders ADD PRIMARY KEY (id);
ALTER TABLE public.items ADD PRIMARY KEY (id);
ALTER TABLE public.payments ADD PRIMARY KEY (id);
ALTER TABLE public.events ADD PRIMARY KEY (id);
ALTER TABLE public.notes ADD PRIMARY KEY (id);
ALTER TABLE public.visits ADD PRIMARY KEY (id);
CREATE INDEX clients_city ON public.clients (city);
CREATE INDEX orders_client ON public.orders (client);
CREATE INDEX orders_placed ON public.orders (placed, state);
CREATE INDEX items_order ON public.items ("order");
CREATE INDEX items_product ON public.items (product);
CREATE INDEX payments_order ON public.payments ("order");
CREATE INDEX payments_reference ON public.payments (reference);
CREATE INDEX events_client ON public.events (client, at);
CREATE INDEX events_kind ON public.events (kind);
CREATE INDEX notes_order ON public.notes ("order");
CREATE INDEX visits_client ON public.visits (client);
ALTER TABLE public.orders ADD FOREIGN KEY (client) REFERENCES public.clients;
ALTER TABLE public.items ADD FOREIGN KEY ("order") REFERENCES public.orders,
    ADD FOREIGN KEY (product) REFERENCES public.products;
ALTER TABLE public.payments ADD FOREIGN KEY ("order") REFERENCES public.orders;
ALTER TABLE public.events ADD FOREIGN KEY (client) REFERENCES public.clients;
ALTER TABLE public.notes ADD FOREIGN KEY ("order") REFERENCES public.orders;
ALTER TABLE public.visits ADD FOREIGN KEY (client) REFERENCES public.clients;
"""


def counts(rows: int) -> dict[str, int]:
    """How many rows each table has."""
    return {table: max(int(rows * share), 1) for table, share in SHARES.items()}


def fill(dsn: str, rows: int) -> None:
    """Make the shop; the same rows every time."""
    of = counts(rows)
    places = {**of, "at": "timestamptz '2025-01-01' + n * interval '17 seconds'"}
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(TABLES.encode())
        for table, values in _ROWS.items():
            series = f"generate_series(1, {of[table]}) AS n"
            connection.execute(
                f"INSERT INTO public.{table} SELECT {values.format_map(places)} FROM {series}".encode()
            )
        connection.execute(KEYS.encode())
        connection.execute("VACUUM ANALYZE")
