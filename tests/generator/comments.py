"""Comments on anything."""

from dataclasses import dataclass

from tests.generator.choices import Choices
from tests.generator.functions import Aggregate, Function, Procedure, Sequence
from tests.generator.pieces import Key, Piece, World, quoted
from tests.generator.table_parts import Part
from tests.generator.tables import Table
from tests.generator.types import Domain, Schema
from tests.generator.views import View

_TEXTS = ("plain", "it''s\nof two lines; -- and more", "Ünï “quoted” \\ back", "$$ %s {} :x")


@dataclass(frozen=True, kw_only=True)
class Comment(Piece):
    kind = "comment"
    subject: str
    text: str

    @property
    def required(self) -> frozenset[Key]:
        return self.needs

    def script(self) -> str:
        return f"COMMENT ON {self.subject} IS '{self.text}';"


def new_comment(choices: Choices, world: World) -> Piece | None:
    pieces = [piece for piece in world if not isinstance(piece, Comment)]
    piece = choices.pick(pieces)
    subject, needs = _subject(choices, piece)
    name = "\0".join(map(str, (*piece.key, subject)))
    return Comment(schema="", name=name, subject=subject, text=choices.pick(_TEXTS), needs=needs)


def _subject(choices: Choices, piece: Piece) -> tuple[str, frozenset[Key]]:
    needs = frozenset({piece.key})
    match piece:
        case Schema():
            return f"SCHEMA {quoted(piece.name)}", needs
        case Table() | View() if choices.chance(50):
            field = choices.pick(piece.fields)
            return f"COLUMN {piece.sql_name}.{quoted(field.name)}", needs | {field.key}
        case Table():
            return f"TABLE {piece.sql_name}", needs | {("is", "table", *piece.key)}
        case View():
            kind = "matview" if piece.materialized else "view"
            word = "MATERIALIZED VIEW" if piece.materialized else "VIEW"
            return f"{word} {piece.sql_name}", needs | {("is", kind, *piece.key)}
        case Sequence():
            return f"SEQUENCE {piece.sql_name}", needs | {("is", "sequence", *piece.key)}
        case Function() | Procedure():
            return f"ROUTINE {piece.sql_name}", needs
        case Aggregate():
            return f"AGGREGATE {piece.sql_name}(bigint)", needs
        case Part():
            return _of_part(piece), needs | {("what", piece.what, *piece.key)}
        case _:
            return f"{'DOMAIN' if isinstance(piece, Domain) else 'TYPE'} {piece.sql_name}", needs


def _of_part(part: Part) -> str:
    relation = f"{quoted(part.on[1])}.{quoted(part.on[2])}"
    match part.what:
        case "index" | "statistics":
            return f"{part.what.upper()} {part.sql_name}"
        case _:
            return f"{part.what.upper()} {quoted(part.name)} ON {relation}"
