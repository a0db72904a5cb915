"""What an expression of `screens` is: our own words, safe ones, or anybody's.

A small inference of types, as far as the rule of `test_widgets_get_safe_text` needs it. A name means what it means in
its own function, whatever another function calls the same. What is not understood is foreign.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, TypeAlias

from tests.syntax_scopes import Given, Scope, name_of

_SAFE_TYPES: Final = {"Content", "Text"}
_IMPRECISE: Final = {"str", "Any", "object"}
"""An annotation that names one of these may stand for something else than safe text."""


class Ours(Enum):
    """What may be shown."""

    LITERAL = auto()
    """What we wrote ourselves, or a list of that. For mypy it is a `str`, and another may take its place."""
    WORDS = auto()
    """A `Content` or a `Text`, or a list of them; mypy sees to it that it stays one."""


@dataclass(frozen=True)
class Table:
    """A dict with values that may be shown. Its keys may be anything."""

    values: Ours


@dataclass(frozen=True)
class Instance:
    """An object of a class of `screens`."""

    body: Scope


Kind: TypeAlias = Ours | Table | Instance | None
"""What an expression is; None is foreign."""


class Judge:
    """Tells what expressions are."""

    def __init__(self) -> None:
        self._asked: set[tuple[Scope, str]] = set()
        """What is being looked up, to notice circles."""

    def is_safe(self, node: ast.expr, scope: Scope) -> bool:
        """Whether an expression can only be our own words, or foreign ones made safe."""
        if isinstance(node, ast.List) and all(isinstance(one, ast.Tuple) for one in node.elts):
            # Options: pairs of what is shown and what it stands for.
            return all(isinstance(pair, ast.Tuple) and self.is_safe(pair.elts[0], scope) for pair in node.elts)
        return isinstance(self.kind(node, scope), Ours)

    def may_be_words(self, node: ast.expr, scope: Scope) -> bool:
        """Whether an expression is a `Content` or `Text`, or a name that is one at some time."""
        if isinstance(node, ast.Name):
            for one in scope.around():
                if node.id in one.given:
                    return any(self._given(given, one) is Ours.WORDS for given in one.given[node.id])
        return self.kind(node, scope) is Ours.WORDS

    def kind(self, node: ast.expr, scope: Scope) -> Kind:
        """What an expression is."""
        kind: Kind = None
        match node:
            case ast.Constant():
                kind = Ours.LITERAL
            case ast.Name() | ast.Attribute():
                found = self._meaning(node, scope)
                kind = None if isinstance(found, Scope) else found
            case ast.Call():
                kind = self._called(node, scope)
            case ast.Starred() | ast.Await() | ast.NamedExpr():
                kind = self.kind(node.value, scope)
            case ast.ListComp() | ast.GeneratorExp():
                kind = self.kind(node.elt, scope)
            case ast.Dict():
                values = self._all(node.values, scope)
                kind = Table(values) if isinstance(values, Ours) else None
            case ast.Subscript():
                found = self.kind(node.value, scope)
                kind = found.values if isinstance(found, Table) else found if isinstance(found, Ours) else None
            case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, right=other):
                kind = self._all((one, other), scope)
            case ast.BoolOp(values=every) | ast.List(elts=every) | ast.Tuple(elts=every):
                kind = self._all(every, scope)
        return kind

    def _all(self, nodes: Iterable[ast.expr], scope: Scope) -> Kind:
        return _together(self.kind(node, scope) for node in nodes)

    def _called(self, node: ast.Call, scope: Scope) -> Kind:
        """What a call returns."""
        found = self._meaning(node.func, scope)
        if isinstance(found, Scope):
            return self._returned(found)
        match node.func:
            case ast.Name(id=name) | ast.Attribute(value=ast.Name(id=name)) if name in _SAFE_TYPES:
                return Ours.WORDS
            case ast.Attribute(value=value, attr=method):
                match self.kind(value, scope):
                    case Ours.WORDS:
                        # A method of safe text, as in `words.truncate(…)`; it returns the same.
                        return Ours.WORDS
                    case Table(values) if method in {"get", "values"}:
                        return _together([values, *(self.kind(one, scope) for one in node.args[1:])])
        return None

    def _returned(self, called: Scope) -> Kind:
        """What a function promises to return, or a class to make."""
        if called.is_class:
            return Instance(called)
        if called.parent is None or not isinstance(called.node, ast.FunctionDef | ast.AsyncFunctionDef):
            return None
        return self._promised(called.node.returns, called.parent)

    def _promised(self, annotation: ast.expr | None, scope: Scope) -> Kind:
        """What an annotation promises."""
        if isinstance(annotation, ast.BinOp) and ast.unparse(annotation.right) == "None":
            annotation = annotation.left
        if annotation is None:
            return None
        if _is_safe_type(annotation):
            return Ours.WORDS
        found = self._meaning(annotation, scope)
        return Instance(found) if isinstance(found, Scope) and found.is_class else None

    # What names mean.

    def _meaning(self, node: ast.expr, scope: Scope) -> Scope | Kind:
        """What a name, dotted or not, stands for: a module, class or function, or a value of some kind."""
        match node:
            case ast.Name():
                found = (self._named(node.id, one) for one in scope.around() if _knows(one, node.id))
                return next(found, None)
            case ast.Attribute():
                match self._meaning(node.value, scope):
                    case Scope() as outer:
                        return self._named(node.attr, outer)
                    case Instance(body):
                        return self._member(node.attr, body)
                return None
        return self.kind(node, scope)

    def _named(self, name: str, scope: Scope) -> Scope | Kind:
        """What a name of this very scope means."""
        if name in scope.given:
            return self._once(name, scope, [(scope, given) for given in scope.given[name]])
        inner = next((one for one in scope.inner if one.name == name), None)
        if inner is not None:
            return inner
        match scope.imported(name):
            case Scope() as module:
                return module
            case (module, original):
                return self._named(original, module)
        return None

    def _member(self, name: str, body: Scope) -> Scope | Kind:
        """What an attribute of a class's objects is: a method, or a value of some kind."""
        assert isinstance(body.node, ast.ClassDef)
        for one in body.inner:
            if isinstance(one.node, ast.FunctionDef) and one.name == name:
                is_property = any("property" in ast.unparse(decorator) for decorator in one.node.decorator_list)
                return self._returned(one) if is_property else one
        assigned = list(body.assignments(name))
        if not assigned:
            bases = (self._meaning(base, body) for base in body.node.bases)
            return next((self._member(name, base) for base in bases if isinstance(base, Scope)), None)
        # mypy holds all others to the declaration.
        declared = [
            (scope, Given(node.value, annotation=node.annotation))
            for scope, node in assigned
            if isinstance(node, ast.AnnAssign)
        ]
        kind = self._once(name, body, declared or [(scope, Given(node.value)) for scope, node in assigned])
        # Any `str` may take the place of a literal, from elsewhere.
        return None if kind in (Ours.LITERAL, Table(Ours.LITERAL)) else kind

    def _once(self, name: str, scope: Scope, every: list[tuple[Scope, Given]]) -> Kind:
        """What something is that is given all of these."""
        if (scope, name) in self._asked:
            # In a circle, as in `words = words + …`: what else it is given decides.
            return Ours.WORDS
        self._asked.add((scope, name))
        try:
            return _together([self._given(given, where) for where, given in every])
        finally:
            self._asked.remove((scope, name))

    def _given(self, given: Given, scope: Scope) -> Kind:
        if given.owner is not None:
            return Instance(given.owner)
        if given.annotation is not None and not (given.value and ast.unparse(given.annotation) == "Final"):
            return self._promised(given.annotation, scope)
        kind = self.kind(given.value, scope) if given.value else None
        # What comes out of a dict one by one is its keys.
        return kind if isinstance(kind, Ours) or not given.one_by_one else None


def _knows(scope: Scope, name: str) -> bool:
    """Whether a name is one of this very scope."""
    return name in scope.given or any(one.name == name for one in scope.inner) or scope.imported(name) is not None


def _together(kinds: Iterable[Kind]) -> Kind:
    """What something is that may be each of these. Of none: an empty list."""
    every = set(kinds)
    if len(every) == 1:
        return every.pop()
    return Ours.LITERAL if all(isinstance(kind, Ours) for kind in every) else None


def _is_safe_type(annotation: ast.expr) -> bool:
    """Whether an annotation speaks of `Content` or `Text`, and of nothing that may be any text."""
    names = {name_of(node) for node in ast.walk(annotation) if isinstance(node, ast.expr)}
    return bool(names & _SAFE_TYPES) and not names & _IMPRECISE
