"""The results as a bar chart, one group of bars an input: throughput against wc -w's.

Its colours are set by classes, of which a dark background has its own values, and its text is the
reader's own font: the file stands alone.
"""
from xml.sax.saxutils import escape

YARDSTICK, HERO = "wc -w", "wc-mr"
WIDTH, NAMES, NUMBERS = 760, 190, 80  # pixels: all, left of the bars, right of them
BAR, STEP, HEAD = 14, 20, 34

STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #57606a }
  .title { font-weight: 600; fill: #24292f }
  .hero { font-weight: 600; fill: #0a7d4f }
  rect { fill: #afb8c1 }
  rect.hero { fill: #12a36b }
  line { stroke: #8c959f; stroke-dasharray: 2 3 }
  @media (prefers-color-scheme: dark) {
    text { fill: #9da7b1 }
    .title { fill: #e6edf3 }
    .hero { fill: #3fd08f }
    rect { fill: #57606a }
    rect.hero { fill: #2fbf80 }
  }
"""


def chart(rows):
    groups = list(by_input(rows).items())
    longest = max((times for _, bars in groups for _, times in bars), default=1)
    scale = (WIDTH - NAMES - NUMBERS) / longest
    body, top = [], 0
    for name, bars in groups:
        body += group(name, bars, top, scale)
        top += HEAD + STEP * len(bars) + 8
    top += 12
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top}" '
        f'viewBox="0 0 {WIDTH} {top}" role="img">',
        f"<title>Throughput, as a multiple of {YARDSTICK}'s</title>",
        f"<style>{STYLE}</style>", *body, "</svg>", ""])


def by_input(rows):
    """The bars of each input, (name, times as fast as wc -w), the fastest first."""
    speeds = {}
    for row in rows:
        if not row["failure"]:
            speeds.setdefault(row["input"], {})[row["contestant"]] = row["speed"]
    return {name: sorted(((who, speed / of[YARDSTICK]) for who, speed in of.items()),
                         key=lambda bar: -bar[1])
            for name, of in speeds.items() if YARDSTICK in of}


def group(name, bars, top, scale):
    first, last = top + HEAD, top + HEAD + STEP * len(bars)
    yard = NAMES + scale
    yield f'<text class="title" x="0" y="{top + 22}">{escape(name)}</text>'
    for number, (who, times) in enumerate(bars):
        yield from bar(who, times, first + STEP * number, scale)
    yield f'<line x1="{yard:.1f}" y1="{first - 4}" x2="{yard:.1f}" y2="{last}"/>'


def bar(who, times, top, scale):
    kind = ' class="hero"' if who.startswith(HERO) else ""
    length, base = max(1, times * scale), top + BAR - 3
    yield f'<text{kind} x="{NAMES - 8}" y="{base}" text-anchor="end">{escape(who)}</text>'
    yield f'<rect{kind} x="{NAMES}" y="{top}" width="{length:.1f}" height="{BAR}" rx="2"/>'
    yield f'<text{kind} x="{NAMES + length + 6:.1f}" y="{base}">{times:.2f} ×</text>'
