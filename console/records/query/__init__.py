"""The language that picks records: `severity>=high status_code=FAIL "free text"`. docs/filters.md explains it.

`parse` reads an expression, and raises nothing but `BadQuery`; `Query.matches` tells whether a record is meant. What is
looked for in records is foreign text as much as the records are: expressions have caps on length, nesting and time.
"""

from console.records.query.groups import Query
from console.records.query.parser import parse
from console.records.query.patterns import Undecided
from console.records.query.scanner import BadQuery

__all__ = ["BadQuery", "Query", "Undecided", "parse"]
