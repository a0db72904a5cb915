"""The scopes of a program as its syntax shows them: which names each has, and what they are given. Judges nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias, TypeGuard

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Nested: TypeAlias = Function | ast.Lambda | ast.ClassDef


@dataclass(frozen=True)
class Given:
    """One of the things that a name is given. With nothing set it may be anything."""

    value: ast.expr | None = None
    one_by_one: bool = False
    """It is given what comes out of *value*, as by `for`."""
    annotation: ast.expr | None = None
    """Declared, as parameters and annotated assignments are. Goes before *value*, but for a bare `Final`."""
    owner: Scope | None = None
    """It is `self`, of this class."""


class Scope:
    """A module, a class or a function."""

    def __init__(self, node: ast.Module | Nested, parent: Scope | None, modules: Mapping[str, Scope]) -> None:
        self.node = node
        self.parent = parent
        self.inner: list[Scope] = []
        """The functions and classes in it."""
        self.given: dict[str, list[Given]] = {}
        """All that its own names are given, in no order."""
        self._modules = modules
        """All modules that are known, by their dotted names."""
        if not isinstance(node, ast.Module | ast.ClassDef):
            self._take_parameters(node.args)
        for one in self.nodes():
            if is_nested(one):
                self.inner.append(Scope(one, self, modules))
            else:
                self._take(one)

    def nodes(self) -> Iterator[ast.AST]:
        """The nodes of this scope, without what is inside of the functions and classes in it."""
        waiting = list(ast.iter_child_nodes(self.node))
        while waiting:
            node = waiting.pop()
            yield node
            if not is_nested(node):
                waiting.extend(ast.iter_child_nodes(node))

    def everywhere(self) -> Iterator[Scope]:
        """This scope and all that are in it."""
        yield self
        for scope in self.inner:
            yield from scope.everywhere()

    def around(self) -> Iterator[Scope]:
        """The scopes in which a name of this one is looked for: methods don't see the body of their class."""
        yield self
        scope = self.parent
        while scope is not None:
            if not isinstance(scope.node, ast.ClassDef):
                yield scope
            scope = scope.parent

    @property
    def name(self) -> str:
        """The name of a class or function."""
        return str(getattr(self.node, "name", ""))

    @property
    def is_class(self) -> bool:
        """Whether this is the body of a class."""
        return isinstance(self.node, ast.ClassDef)

    @property
    def owner(self) -> Scope | None:
        """The class that this is a method of."""
        return self.parent if self.parent is not None and self.parent.is_class else None

    def imported(self, name: str) -> tuple[Scope, str] | Scope | None:
        """What is imported under a name: a module, or a name of another module, of those that are known."""
        for node in self.nodes():
            if isinstance(node, ast.ImportFrom):
                for one in node.names:
                    if (one.asname or one.name) == name:
                        module = self._modules.get(node.module or "")
                        return self._modules.get(f"{node.module}.{one.name}") or (module and (module, one.name))
        return None

    def assignments(self, attribute: str) -> Iterator[tuple[Scope, ast.Assign | ast.AnnAssign | ast.AugAssign]]:
        """All that a class itself gives an attribute, with the scope where it does."""
        for scope in self.everywhere():
            for node in scope.nodes():
                for target in assigned_to(node):
                    is_own = scope is self and isinstance(target, ast.Name) and target.id == attribute
                    if is_own or ast.unparse(target) == f"self.{attribute}":
                        assert isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign)
                        yield scope, node

    def _note(self, name: str, given: Given) -> None:
        self.given.setdefault(name, []).append(given)

    def _take_parameters(self, arguments: ast.arguments) -> None:
        in_order = [*arguments.posonlyargs, *arguments.args, arguments.vararg, *arguments.kwonlyargs, arguments.kwarg]
        for place, one in enumerate(in_order):
            if one is not None:
                self._note(one.arg, Given(annotation=one.annotation, owner=None if place else self.owner))

    def _take(self, node: ast.AST) -> None:
        match node:
            case ast.Assign():
                for target in node.targets:
                    self._give(target, node.value)
            case ast.NamedExpr() | ast.AugAssign():
                self._give(node.target, node.value)
            case ast.AnnAssign(target=ast.Name(id=name)):
                self._note(name, Given(node.value, annotation=node.annotation))
            case ast.For() | ast.AsyncFor() | ast.comprehension():
                self._give(node.target, node.iter, one_by_one=True)
            case ast.withitem(optional_vars=ast.expr() as target):
                self._give(target, None)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                self._note(name, Given())
            case ast.Nonlocal() | ast.Global():
                # Given here and meant there: it may be anything, all the way.
                for scope in self.around():
                    for name in node.names:
                        scope._note(name, Given())

    def _give(self, target: ast.expr, value: ast.expr | None, *, one_by_one: bool = False) -> None:
        match target, value:
            case ast.Name(), ast.expr():
                self._note(target.id, Given(value, one_by_one))
            case (ast.Tuple(elts=targets), ast.Tuple(elts=values)) | (
                ast.Tuple(elts=targets),
                ast.Call(func=ast.Name(id="zip"), args=values),
            ) if len(targets) == len(values) and one_by_one == isinstance(value, ast.Call):
                for one, given in zip(targets, values, strict=True):
                    self._give(one, given, one_by_one=one_by_one)
            case _:
                for node in ast.walk(target):
                    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                        self._note(node.id, Given())


def is_nested(node: ast.AST) -> TypeGuard[Nested]:
    """Whether a node has names of its own."""
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef)


def assigned_to(node: ast.AST) -> list[ast.expr]:
    """The targets of an assignment of any sort."""
    match node:
        case ast.Assign():
            return node.targets
        case ast.AnnAssign() | ast.AugAssign():
            return [node.target]
    return []


def name_of(node: ast.expr) -> str:
    """The last part of a dotted name."""
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return node.attr
    return ""


def read(sources: Mapping[str, str]) -> dict[str, Scope]:
    """The modules of these sources, by their dotted names. They know each other."""
    modules: dict[str, Scope] = {}
    for name, source in sources.items():
        modules[name] = Scope(ast.parse(source), None, modules)
    return modules
