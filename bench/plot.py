"""Bar chart as SVG, which git can compare line by line."""

from __future__ import annotations

from html import escape

from bench.targets import Spread

WIDTH, LABEL, ROW, TOP = 760, 270, 26, 58
STYLE = """
text { font: 13px sans-serif; fill: #333 } .title { font-weight: bold }
rect { fill: #9db4c8 } .ours { fill: #2b6ca3 } .whisker { stroke: #333; stroke-width: 1.5 }
.one { stroke: #b03a2e; stroke-dasharray: 4 3 } .page { fill: #fff }
"""


def plot_bars(title: str, rows: list[tuple[str, Spread]], ours: str) -> str:
    """Return horizontal bars of the medians, with quartiles as whiskers and a line at 1."""
    most = max(spread.high for _, spread in rows) * 1.08
    height = TOP + ROW * len(rows) + 12

    def at(value: float) -> str:
        return f"{LABEL + (WIDTH - LABEL - 60) * value / most:.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        f'<rect class="page" width="{WIDTH}" height="{height}"/>',
        f'<text class="title" x="12" y="24">{escape(title)}</text>',
    ]
    for number, (name, spread) in enumerate(rows):
        y = TOP + ROW * number
        kind = ' class="ours"' if name == ours else ""
        width = float(at(spread.median)) - LABEL
        parts += [
            f'<text x="{LABEL - 8}" y="{y + 13}" text-anchor="end">{escape(name)}</text>',
            f'<rect{kind} x="{LABEL}" y="{y}" width="{width:.1f}" height="18"/>',
            f'<path class="whisker" d="M{at(spread.low)} {y + 9}H{at(spread.high)}"/>',
            f'<text x="{float(at(spread.high)) + 6:.1f}" y="{y + 13}">{spread.median:.2f}</text>',
        ]
    parts.append(f'<path class="one" d="M{at(1)} {TOP - 12}V{height - 8}"/></svg>')
    return "\n".join(parts) + "\n"
