"""Methods as text: ``augmix > mixup``, ``choice(mixup, cutmix)``, ``schedule(mixup:50, cutmix)``.

The text is read by Python's own parser and walked; nothing is evaluated.
"""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")
_FORM = "expected methods joined by '>', choice(A, B, ...), or schedule(A:EPOCHS, B)"
_EPOCHS = re.compile(r":\s*(\d+)\s*(?=[,)])")
_DEFAULTS = {"mix_group": 128}  # of a choice
_SEEN_EPOCHS = re.compile(r" @ (\d+)")


@dataclass(frozen=True)
class Builder(Generic[T]):
    """What to make of each part of a text.

    Attributes:
        method: From ``name`` or ``name(key=literal, ...)``.
        chain: From the parts of ``A > B``.
        choice: From the parts of ``choice(A, B)`` and its arguments.
        schedule: From the parts of ``schedule(A:50, B)`` and the epochs of all but the last.
    """

    method: Callable[[str], T]
    chain: Callable[[tuple[T, ...]], T]
    choice: Callable[[tuple[T, ...], dict[str, Any]], T]
    schedule: Callable[[tuple[T, ...], tuple[int, ...]], T]


def is_composed(text: str) -> bool:
    """Whether a text is more than one method's name with its arguments."""
    return ">" in text or re.match(r"\s*(choice|schedule)\s*\(", text) is not None


def fold(text: str, builder: Builder[T]) -> T:
    """Read a text from the inside out.

    Raises:
        ValueError: It is not of the form that the message describes.
    """
    if not is_composed(text):
        return builder.method(text.strip())
    try:
        tree = ast.parse(_EPOCHS.sub(r" @ \1", text.strip()), mode="eval").body
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"Cannot read {text!r}: {_FORM}") from error
    return _Walk(text, builder).visit(tree)


def call(text: str) -> tuple[str, dict[str, Any]]:
    """Name and arguments of ``name`` or ``name(key=literal, ...)``.

    Raises:
        ValueError: Not of this form.
    """
    refusal = f"expected NAME or NAME(key=literal, ...), got {text!r}"
    try:
        node = ast.parse(text.strip(), mode="eval").body
        if isinstance(node, ast.Name):
            return node.id, {}
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.args:
            return node.func.id, {str(k.arg): ast.literal_eval(k.value) for k in node.keywords}
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
        raise ValueError(refusal) from error
    raise ValueError(refusal)


def canonical(text: str, method: Callable[[str], str]) -> str:
    """The one spelling of a text, given that of its methods."""
    return fold(
        text,
        Builder(
            method,
            " > ".join,
            lambda parts, arguments: _call("choice", parts, arguments),
            lambda parts, epochs: _call("schedule", _timed(parts, epochs), {}),
        ),
    )


def _call(name: str, parts: tuple[str, ...], arguments: dict[str, Any]) -> str:
    """``name(part, part, key=value)``."""
    told = {key: value for key, value in arguments.items() if _DEFAULTS.get(key) != value}
    named = (f"{key}={value!r}" for key, value in sorted(told.items()))
    return f"{name}({', '.join((*parts, *named))})"


def _timed(parts: tuple[str, ...], epochs: tuple[int, ...]) -> tuple[str, ...]:
    """Each part but the last with its epochs."""
    timed = (f"{part}:{number}" for part, number in zip(parts[:-1], epochs, strict=True))
    return (*timed, parts[-1])


@dataclass(frozen=True)
class _Walk(Generic[T]):
    """Walks the tree of a text."""

    text: str
    builder: Builder[T]

    def visit(self, node: ast.expr) -> T:
        """A part of the text."""
        if isinstance(node, ast.Compare):
            if not all(isinstance(op, ast.Gt) for op in node.ops):
                raise self._refusal(node)
            return self.builder.chain(
                tuple(self.visit(part) for part in (node.left, *node.comparators))
            )
        name = (
            node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        )
        if isinstance(node, ast.Call) and name == "choice":
            return self.builder.choice(self._parts(node), self._arguments(node))
        if isinstance(node, ast.Call) and name == "schedule":
            return self._schedule(node)
        if name or isinstance(node, ast.Name):
            return self.builder.method(ast.unparse(node))
        raise self._refusal(node)

    def _schedule(self, node: ast.Call) -> T:
        """``schedule(A:50, B)``; the parser saw ``A @ 50``."""
        stages = [_split(part) for part in node.args]
        epochs = tuple(number for _, number in stages[:-1] if number is not None)
        if node.keywords or not stages:
            raise self._refusal(node)
        if stages[-1][1] is not None or len(epochs) != len(stages) - 1:
            raise self._refusal(node, "each part but the last needs :EPOCHS, and the last has none")
        return self.builder.schedule(tuple(self.visit(part) for part, _ in stages), epochs)

    def _parts(self, node: ast.Call) -> tuple[T, ...]:
        """What stands between the brackets."""
        if not node.args:
            raise self._refusal(node)
        return tuple(self.visit(part) for part in node.args)

    def _arguments(self, node: ast.Call) -> dict[str, Any]:
        """Named arguments of a composition."""
        try:
            return {str(k.arg): ast.literal_eval(k.value) for k in node.keywords}
        except (ValueError, TypeError) as error:
            raise self._refusal(node) from error

    def _refusal(self, node: ast.expr, reason: str = _FORM) -> ValueError:
        """What to say of a part that is not understood."""
        part, whole = _SEEN_EPOCHS.sub(r":\1", ast.unparse(node)), self.text.strip()
        where = "" if part.replace(" ", "") == whole.replace(" ", "") else f" in {whole!r}"
        return ValueError(f"Cannot read {part!r}{where}: {reason}")


def _split(node: ast.expr) -> tuple[ast.expr, int | None]:
    """A stage of a schedule and its epochs, if it names them."""
    if isinstance(node, ast.Compare):
        last, number = _split(node.comparators[-1])
        node = ast.Compare(node.left, node.ops, [*node.comparators[:-1], last])
        return node, number
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        epochs = node.right
        if isinstance(epochs, ast.Constant) and isinstance(epochs.value, int):
            return node.left, epochs.value
    return node, None
