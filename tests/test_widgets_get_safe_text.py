"""Nothing but our own words, or what `screens.widgets.text` made of foreign ones, is handed to a widget.

The rule is simple and strict, and is checked on the syntax of everything in `screens/`:

* What a widget shows is a literal, or made by `plain`, `styled` or `cell`, or comes under a name or from a function
  whose annotation says `Content` or `Text` (mypy holds it to that). `tests.words_on_screen` tells which those are.
* A `Content`, `Text` or `Segment` is built from literals only, outside of `screens.widgets.text`; a `Segment` also from
  `safe_text`; and nothing else is added to one. So nothing foreign gets into the two types by another way.
* The template of `styled` is a literal.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.syntax_scopes import Scope, assigned_to, name_of, read
from tests.words_on_screen import Judge

SCREENS: Final = Path(__file__).resolve().parents[1] / "screens"
THE_DOOR: Final = "screens.widgets.text"
THE_DRIVER: Final = "screens.terminal_driver"
"""Writes what Textual has drawn of widgets, which got safe text."""
THE_COMMANDS: Final = "screens.commands"
"""Commands are classes of literals, whose names and docstrings are shown."""

BUILDERS: Final = {"Content", "Text", "Segment", "from_markup", "from_text", "from_ansi", "from_rich_text"}
ALL_ARGUMENTS: Final = {
    *("Static", "Label", "Button", "Placeholder", "Option", "Checkbox", "RadioButton", "Link", "Digits", "Markdown"),
    *("Tab", "TabPane", "Collapsible", "Select", "SelectionList", "Selection", "OptionList", "Input", "TextArea"),
    *("DropDown", "PlainInput", "SeenInput", "Tick"),
    *("Binding", "DiscoveryHit", "Hit", "Tooltip", "Toast"),
    *("notify", "update", "add_row", "add_column", "add_columns", "set_label", "write", "write_line", "panic"),
}
"""Every positional argument is shown, or is a literal anyway."""
FIRST_ARGUMENT: Final = {"add_leaf", "add_option", "reset", "Tree", "prompt", "SystemCommand"}
"""The others carry data."""
TREE_ADD: Final = "add"
SHOWN_KEYWORDS: Final = {
    *("label", "title", "prompt", "placeholder", "tooltip", "content", "text", "description", "message", "options"),
}
SHOWN_ATTRIBUTES: Final = {"border_title", "border_subtitle", "title", "sub_title", "tooltip", "placeholder", "label"}
JOINING: Final = {"append", "append_text", "join", "extend", "insert"}
"""Methods of safe text, or of a list of it, that take more of it. They would take any `str` too."""
RENDER: Final = "render"
AFTERWARDS: Final = "_exit_renderables"
"""What the app prints once the screens have gone."""


def offences(module: Scope) -> Iterator[tuple[int, str]]:
    """Line and source of everything in a module that breaks the rule."""
    judge = Judge()
    for scope in module.everywhere():
        for node in scope.nodes():
            for shown in (*_shown(node, scope), *_joined(node, scope, judge)):
                if not judge.is_safe(shown, scope):
                    yield shown.lineno, ast.unparse(shown)
            for literal in _must_be_literal(node):
                yield literal.lineno, ast.unparse(literal)


def _shown(node: ast.AST, scope: Scope) -> Iterator[ast.expr]:
    """The expressions that *node* puts on the screen."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Attribute(attr=attribute))) if attribute == AFTERWARDS:
            yield from node.args
        case ast.Call():
            name = name_of(node.func)
            if name in ALL_ARGUMENTS:
                yield from node.args
            elif name in FIRST_ARGUMENT or (name == TREE_ADD and len(node.args) > 1) or _is_own_widget(node, scope):
                yield from node.args[:1]
            if name in ALL_ARGUMENTS | FIRST_ARGUMENT | {TREE_ADD}:
                yield from (keyword.value for keyword in node.keywords if keyword.arg in SHOWN_KEYWORDS)
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value) | ast.AugAssign(value=value):
            targets = assigned_to(node)
            if any(isinstance(target, ast.Attribute) and target.attr in SHOWN_ATTRIBUTES for target in targets):
                yield value
        case ast.Return(value=ast.expr() as value):
            if scope.owner is not None and scope.name == RENDER:
                yield value


def _is_own_widget(node: ast.Call, scope: Scope) -> bool:
    """Whether this is how a subclass of a widget hands something to the widget's own constructor."""
    owner = scope.owner
    if owner is None or not isinstance(owner.node, ast.ClassDef) or ast.unparse(node.func) != "super().__init__":
        return False
    bases = {name_of(base.value if isinstance(base, ast.Subscript) else base) for base in owner.node.bases}
    return bool(bases & (ALL_ARGUMENTS | FIRST_ARGUMENT))


def _joined(node: ast.AST, scope: Scope, judge: Judge) -> Iterator[ast.expr]:
    """What is added to safe text, or to a list that may be shown."""
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            if judge.may_be_words(left, scope) or judge.may_be_words(right, scope):
                yield from (left, right)
        case ast.AugAssign(target=target, op=ast.Add(), value=value) if judge.may_be_words(target, scope):
            yield value
        case ast.Call(func=ast.Attribute(value=value, attr=method)) if method in JOINING and judge.may_be_words(
            value, scope
        ):
            yield from node.args
        case ast.Call(func=ast.Attribute(attr="assemble")):
            yield from node.args


def _must_be_literal(node: ast.AST) -> Iterator[ast.expr]:
    """What a builder, or the template of `styled`, is made from, where that is no literal."""
    if not isinstance(node, ast.Call) or name_of(node.func) not in BUILDERS | {"styled"}:
        return
    name = name_of(node.func)
    # The other keywords of `styled` are values, whatever they are called.
    keywords = {"template"} if name == "styled" else {"text", "markup"}
    for source in (*node.args[:1], *(one.value for one in node.keywords if one.arg in keywords)):
        made_safe = name == "Segment" and isinstance(source, ast.Call) and name_of(source.func) == "safe_text"
        if not isinstance(source, ast.Constant) and not made_safe:
            yield source


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(SCREENS.parent).with_suffix("").parts)


def offending(source: str) -> list[str]:
    """The offending expressions of a module that imports what all do."""
    imports = f"from {THE_DOOR} import cell, plain, styled\n"
    modules = read({THE_DOOR: (SCREENS / "widgets" / "text.py").read_text(), "sample": imports + source})
    return [what for _, what in offences(modules["sample"])]


def test_no_screen_hands_a_widget_anything_but_safe_text() -> None:
    modules = read({dotted(path): path.read_text() for path in sorted(SCREENS.rglob("*.py"))})
    assert len(modules) > 10

    found = [
        f"{name}:{line}: {what}"
        for name, module in modules.items()
        if name not in (THE_DOOR, THE_DRIVER) and not name.startswith(THE_COMMANDS)
        for line, what in offences(module)
    ]

    assert not found, "\n".join(["not safe for a widget:", *found])


def test_commands_are_made_of_literals() -> None:
    for path in (SCREENS / "commands").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and node.bases:
                for line in node.body:
                    value = line.value if isinstance(line, ast.Assign | ast.Expr) else None
                    assert isinstance(value, ast.Constant), f"{path.name}:{line.lineno}: {ast.unparse(line)}"


@pytest.mark.parametrize(
    "source",
    [
        "Static(name)",
        "Static(f'{name} is bad')",
        "Static('a' + name)",
        "Label(str(error))",
        "Button('Yes' if ok else name)",
        "widget.update(error.message)",
        "self.notify(f'{path} is gone')",
        "self.app.notify('fine', title=name)",
        "table.add_row('a', name)",
        "table.add_row(*names)",
        "table.add_columns(*headings)",
        "node.add_leaf(name)",
        "node.add(path.name, path)",
        "node.set_label(path.name)",
        "self.border_title = name",
        "self.tooltip = f'{name}'",
        "OptionList(*names)",
        "Input(placeholder=name)",
        "Binding('x', 'y', name)",
        "Content(name)",
        "Text(f'{name}')",
        "Content.from_markup(name)",
        "Segment(name)",
        "styled(name)",
        "styled(f'[b]{name}[/b]')",
        "def show(self, label: str) -> None: self.text.update(label)",
        "label = plain(x)\nlabel = x\nStatic(label)",
        "class Names(Select[str]):\n def __init__(self, names): super().__init__([(n, n) for n in names])",
        "class Names(Tree[str]):\n def __init__(self, name): super().__init__(name)",
        "def words(x) -> str: return x\nStatic(words(1))",
        # A name is trusted where it is declared, and nowhere else.
        """
def show(words: Content) -> None:
    panel.update(words)

class Panel(Static):
    def told(self, record) -> None:
        words = record.title
        self.notice.update(words)
""",
        """
def show(words: Content) -> None:
    panel.update(words)

class Panel(Static):
    def told(self, message) -> None:
        panel.update(message.words)
""",
        "def show(words: Content, record) -> None:\n words = record.title\n panel.update(words)",
        "def show(words: Content) -> None:\n def told(words): panel.update(words)",
        "def show(words: Content, records) -> None:\n for words in records: panel.update(words)",
        """
def show(error) -> None:
    words = plain(1)
    def tell() -> None:
        nonlocal words
        words = error
    panel.update(words)
""",
        "class One:\n words: Content\nclass Two:\n words: str\ndef show(two: Two) -> None: panel.update(two.words)",
        "class One:\n words: Content\n def show(self, other) -> None: panel.update(other.words)",
        "class One:\n def set(self): self.words = 'ours'\n def show(self): panel.update(self.words)",
        "class One:\n def words(self) -> Content: ...\ndef show(other) -> None: panel.update(other.words())",
        "def show(words: Content) -> None: panel.update(words.plain)",
        # Words of the module `text` only, and only ours put into it.
        "Static(record.plain(name))",
        "Content(text=name)",
        "self.notify(message=name)",
        "Select(options=names)",
        "self._exit_renderables.append(str(error))",
        "def plain(x): return x\nStatic(plain(name))",
        "Static('{}'.format(name))",
        "Static(', '.join(names))",
        "def words(x) -> Content: return plain(1) + x",
        "def words(x) -> Content: return Content(', ').join(x)",
        "words = [plain(1)]\nwords.append(name)\nStatic(*words)",
        "words = plain(1)\nwords += name",
        "words = plain(1)\nwords = words + name",
        "class One:\n words: Content\n def show(self, name): self.words += name",
        "Text.assemble(name)",
        "NAMES: Final = {name: plain(name)}\nfor one in NAMES: Static(one)",
        "class Line(Widget):\n def render(self): return self.name",
    ],
)
def test_the_rule_catches_foreign_text(source: str) -> None:
    assert offending(source)


@pytest.mark.parametrize(
    "source",
    [
        "Static('ours')",
        "Static(plain(name))",
        "Static(styled('[b]$name[/b]', name=name), id=ident)",
        "table.add_row(cell(name), cell(other))",
        "def show(self, words: Content) -> None: self.text.update(words)",
        "def words(x) -> Content: return plain(x)\nStatic(words(name))",
        "lines: list[Content] = []\nStatic(Content(', ').join(lines))",
        "label = plain(name)\nStatic(label)",
        "Segment(safe_text(name), style)",
        "self.border_title = 'ours'",
        "bar.update(total=count, progress=done)",
        "known.add(name)",
        "Select([('all of them', Selection.ALL)])",
        "WORDS: Final = {1: 'one', 2: styled('[b]two[/b]')}\nStatic(WORDS[number])",
        "class Said:\n words: Content\ndef show(message: Said) -> None: panel.update(message.words)",
        "class One:\n def set(self): self._words = plain(x)\n def show(self): panel.update(self._words)",
        "class One:\n def words(self) -> Content: ...\n def show(self): panel.update(self.words())",
        "def show(words: Content | None) -> None: panel.update(words or 'none')",
        "def show(one) -> None:\n words = plain(one)\n words += plain(2)\n panel.update(words)",
        "def show(all: list[Content]) -> None:\n for one in all: panel.update(one)",
    ],
)
def test_the_rule_lets_safe_text_pass(source: str) -> None:
    assert offending(source) == []
