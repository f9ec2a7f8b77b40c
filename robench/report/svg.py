"""Matplotlib figures as inline SVG: the same bytes every time, and colours that follow the page."""

import html
import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

# Okabe & Ito, "Color Universal Design", 2008: told apart by all common kinds of colour vision.
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f", "#b8a800")
DASHES = ("-", "--", ":", "-.")
INK, GRID = "#010203", "#c0c1c2"  # stand-ins that become colours of the page's style sheet
_SETTINGS: Mapping[Any, Any] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.edgecolor": GRID,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 9,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.5,
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "lines.linewidth": 1.8,
    "lines.markersize": 4,
}


def colour(row: int) -> str:
    """Colour of a run."""
    return PALETTE[row % len(PALETTE)]


def tint(row: int) -> str:
    """The same as a variable of the page's style sheet, which has a lighter set for the dark."""
    return f"var(--run-{row % len(PALETTE)})"


def dash(row: int) -> str:
    """Line style of a run: a second cue beside the colour."""
    return DASHES[row // len(PALETTE) % len(DASHES)] if row >= len(PALETTE) else "-"


@contextmanager
def styled(salt: str) -> Iterator[None]:
    """Matplotlib's own defaults and ours; whatever the user has configured comes back after."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update({**_SETTINGS, "svg.hashsalt": salt})
        yield


def new_axes(width: float, height: float, rows: int = 1, ratios: tuple[int, ...] = (1,)) -> Any:  # noqa: ANN401
    """A transparent figure of ``width`` x ``height`` inches: axes, or an array of them."""
    figure = Figure(figsize=(width, height), layout="constrained", facecolor="none")
    axes = figure.subplots(rows, 1, sharex=True, gridspec_kw={"height_ratios": ratios})
    for each in figure.axes:
        each.set_facecolor("none")
    return axes


def to_svg(axes: Axes, label: str, tips: Mapping[str, str]) -> str:
    """An ``<svg>`` element for an HTML page.

    Args:
        axes: Any axes of the figure.
        label: What it shows, for those who cannot see it.
        tips: Tooltips by the ``gid`` of an artist.

    Returns:
        Markup without identifiers that could clash, addresses or dates. All text is escaped.
    """
    figure = axes.figure
    if not isinstance(figure, Figure):
        raise TypeError(f"expected axes of a figure, got those of {type(figure).__name__}")
    buffer = io.StringIO()
    FigureCanvasSVG(figure)  # becomes the figure's canvas
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :].strip()
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r' xmlns(:xlink)?="[^"]*"', "", text)
    for gid, tip in tips.items():
        text = text.replace(f'<g id="{gid}">', f"<g><title>{html.escape(tip)}</title>", 1)
    used = set(re.findall(r"#([\w-]+)", text))
    text = re.sub(r' id="([^"]*)"', lambda found: found[0] * (found[1] in used), text)
    head, _, body = text.partition(">")
    head = re.sub(r' (width|height)="[^"]*"', "", head)
    text = f'{head} role="img" aria-label="{html.escape(label)}">{body}'
    text = re.sub(r"\n\s*", "\n", text)
    for row, hue in enumerate(PALETTE):
        text = text.replace(hue, tint(row))
    return text.replace(INK, "currentColor").replace(GRID, "var(--grid)")
