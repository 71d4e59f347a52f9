"""Where each of PostgreSQL's own catalogs went: what is compared, what is only named, what is no schema.

A test holds it against the catalogs that a server really has, so that a new kind of object in a new version
is noticed before it is silently left out.
"""

COMPARED = {
    "pg_aggregate": "aggregate",
    "pg_am": "access method",
    "pg_amop": "member of an operator family or class",
    "pg_amproc": "member of an operator family or class",
    "pg_attrdef": "default",
    "pg_attribute": "column",
    "pg_cast": "cast",
    "pg_class": "table, view, index, sequence; owner, grants",
    "pg_collation": "collation",
    "pg_constraint": "constraint",
    "pg_conversion": "conversion",
    "pg_default_acl": "default privileges",
    "pg_depend": "dependency",
    "pg_description": "comment",
    "pg_enum": "enum",
    "pg_event_trigger": "event trigger",
    "pg_extension": "extension",
    "pg_foreign_data_wrapper": "foreign-data wrapper",
    "pg_foreign_server": "server",
    "pg_foreign_table": "foreign table",
    "pg_index": "index",
    "pg_inherits": "partition, parent of a table",
    "pg_language": "language",
    "pg_namespace": "schema",
    "pg_opclass": "operator class",
    "pg_operator": "operator",
    "pg_opfamily": "operator family",
    "pg_partitioned_table": "partition key",
    "pg_policy": "policy",
    "pg_proc": "function",
    "pg_publication": "publication",
    "pg_publication_namespace": "member of a publication",
    "pg_publication_rel": "member of a publication",
    "pg_range": "range type",
    "pg_rewrite": "view, rule",
    "pg_seclabel": "security label",
    "pg_sequence": "sequence",
    "pg_statistic_ext": "statistics object",
    "pg_subscription": "subscription",
    "pg_transform": "transform",
    "pg_trigger": "trigger",
    "pg_ts_config": "text search configuration",
    "pg_ts_config_map": "member of a text search configuration",
    "pg_ts_dict": "text search dictionary",
    "pg_ts_parser": "text search parser",
    "pg_ts_template": "text search template",
    "pg_type": "enum, domain, composite type, base type",
    "pg_user_mapping": "user mapping",
}

# By catalog: the kinds, as `Uncompared.kind` says them, under which its rows are counted and named.
NAMED = {
    "pg_attribute": (
        "privileges",
        "privileges on a system object",
        "privileges on an extension's object",
        "statistics target",
    ),
    "pg_class": (
        "owner",
        "privileges",
        "privileges on a system object",
        "privileges on an extension's object",
    ),
    "pg_db_role_setting": ("database setting",),
    "pg_description": ("comment",),
    "pg_largeobject": ("large object",),
    "pg_largeobject_metadata": ("large object",),
    "pg_policy": ("policy on an extension's table",),
    "pg_proc": ("privileges on a system object", "privileges on an extension's object"),
    "pg_seclabel": ("security label",),
    "pg_subscription": ("subscription",),
    "pg_user_mapping": ("user mapping",),
}

NO_SCHEMA = {
    "pg_auth_members": "roles are the whole server's",
    "pg_authid": "roles are the whole server's",
    "pg_database": "the database itself: its encoding and locale are a connection's checks",
    "pg_init_privs": "privileges as initdb and extensions left them",
    "pg_parameter_acl": "privileges on settings are the whole server's",
    "pg_replication_origin": "state of replication",
    "pg_shdepend": "dependencies on roles and tablespaces",
    "pg_shdescription": "comments on databases, roles and tablespaces",
    "pg_shseclabel": "security labels on databases, roles and tablespaces",
    "pg_statistic": "statistics of rows",
    "pg_statistic_ext_data": "statistics of rows",
    "pg_subscription_rel": "state of replication",
    "pg_tablespace": "tablespaces are the whole server's",
}

NAMED_KINDS = frozenset(kind for kinds in NAMED.values() for kind in kinds)
