"""`robench lint`."""

from pathlib import Path
from typing import Annotated

import typer

from robench.cli.console import verb

FORMATS = ("text", "json")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("lint")(lint)


@verb
def lint(
    results: Annotated[
        list[Path],
        typer.Argument(metavar="RESULTS...", help="Run folders, or results.jsonl with passports."),
    ],
    protocol: Annotated[
        str | None, typer.Option(help="It must match this one; robench ls protocols.")
    ] = None,
    format_: Annotated[str, typer.Option("--format", help=" | ".join(FORMATS))] = "text",
    debug: Annotated[bool, typer.Option("--debug", hidden=True)] = False,
) -> None:
    """Check results: can they be believed, and whose published numbers can they stand beside?

    Exit code 0: no violation. 1: a violation, which is a problem of integrity (a passport that was
    altered, an impossible value, cells of one mean that were measured unlike each other, ...); or,
    with --protocol, anything measured of its sets that does not follow it, or nothing of them
    measured; or, without, that its sets are known and no number matches any protocol. 2: a file
    that cannot be read. What a protocol is about and nobody measured is no violation.
    """
    from robench.errors import UnknownNameError
    from robench.registry import unknown

    if format_ not in FORMATS:
        raise UnknownNameError(unknown(FORMATS, format_, "format"))
    from robench.report.lint.judging import lint_all
    from robench.report.lint.words import to_plain, to_text

    found = lint_all(results, protocol or "")
    if format_ == "json":
        import json

        ok = all(one.ok for one in found)
        plain = {"ok": ok, "results": [to_plain(one) for one in found]}
        typer.echo(json.dumps(plain, indent=2, ensure_ascii=False))
    else:
        typer.echo("\n\n".join(to_text(one) for one in found))
    if not all(one.ok for one in found):
        raise typer.Exit(1)
