"""Names on the command line -> objects. Catalogues are plain dicts; this module only reads them."""

import ast
import difflib
import importlib
import inspect
from collections.abc import Iterable, Mapping
from importlib.metadata import entry_points
from typing import Any, TypeVar

from robench.errors import InputError, UnknownNameError

T = TypeVar("T")


def lookup(catalogue: Mapping[str, T], name: str, kind: str) -> T:
    """Return ``catalogue[name]``.

    Raises:
        UnknownNameError: No such name; the message has the nearest names and all names.
    """
    if name in catalogue:
        return catalogue[name]
    raise UnknownNameError(unknown(catalogue, name, kind))


def unknown(names: Iterable[str], name: str, kind: str) -> str:
    """The message for a name that is not among ``names``."""
    known = sorted(names)
    near = difflib.get_close_matches(name, known, n=3)
    hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
    return f"Unknown {kind} {name!r}.{hint} Known: {', '.join(known)}."


def with_plugins(builtin: Mapping[str, str], group: str) -> dict[str, str]:
    """Add what installed packages offer under the entry point ``group``; built-in names win."""
    found = {entry.name: entry.value for entry in entry_points(group=group)}
    return {**found, **builtin}


def load(target: str) -> Any:  # noqa: ANN401  a registry holds objects of every kind
    """Import ``"module:attribute"``.

    Raises:
        InputError: The module or the attribute cannot be imported (a broken plug-in).
    """
    module, _, attribute = target.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise InputError(f"Cannot load {target!r}: {error}.") from error


def parse_call(text: str) -> tuple[str, dict[str, Any]]:
    """Split ``"name(key=literal, ...)"`` into the name and its arguments.

    Values are Python literals, read by ``ast.literal_eval``, or fractions of two numbers such as
    ``8/255``; nothing is evaluated.

    Raises:
        InputError: Not of this form.
    """
    form = f"expected NAME or NAME(key=literal, ...), got {text!r}"
    name, bracket, rest = text.strip().partition("(")
    if not bracket:
        return name, {}
    try:
        call = ast.parse(f"_({rest}", mode="eval").body
    except SyntaxError as error:
        raise InputError(f"Cannot read the arguments: {form}.") from error
    plain = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and not call.args
    if not isinstance(call, ast.Call) or not plain or any(k.arg is None for k in call.keywords):
        raise InputError(f"Arguments need names: {form}.")
    try:
        return name, {str(k.arg): _literal(k.value) for k in call.keywords}
    except (ValueError, TypeError, ZeroDivisionError, RecursionError, MemoryError) as error:
        raise InputError(f"Arguments must be Python literals: {form}.") from error


def _literal(node: ast.expr) -> Any:  # noqa: ANN401  any literal
    """The value of a literal, or of one number over another."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        over, under = ast.literal_eval(node.left), ast.literal_eval(node.right)
        if isinstance(over, int | float) and isinstance(under, int | float):
            return over / under
    return ast.literal_eval(node)


def canonical(name: str, arguments: Mapping[str, Any]) -> str:
    """Write a call in its one canonical form: arguments sorted by name, values as literals."""
    if not arguments:
        return name
    inside = ", ".join(f"{key}={arguments[key]!r}" for key in sorted(arguments))
    return f"{name}({inside})"


def build(catalogue: Mapping[str, str], text: str, kind: str) -> Any:  # noqa: ANN401
    """Make the object that ``"name(key=literal)"`` describes.

    Raises:
        UnknownNameError: No such name.
        InputError: The arguments do not fit; the message carries the object's own words.
    """
    name, arguments = parse_call(text)
    make = load(lookup(catalogue, name, kind))
    known, every = _parameters(make)
    strange = [] if every else sorted(arguments.keys() - known)
    if strange:
        takes = f"it takes {', '.join(known)}" if known else "it takes no arguments"
        raise InputError(f"{kind} {text!r}: unknown argument {strange[0]!r}; {takes}.")
    try:
        return make(**arguments)
    except (TypeError, ValueError) as error:
        raise InputError(f"{kind} {text!r}: {error}") from error


def _parameters(make: Any) -> tuple[list[str], bool]:  # noqa: ANN401  any callable
    """Names that a callable takes, and whether it takes any others."""
    try:
        parameters = inspect.signature(make).parameters.values()
    except (TypeError, ValueError):  # built into the interpreter
        return [], True
    known = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    return known, any(p.kind == p.VAR_KEYWORD for p in parameters)
