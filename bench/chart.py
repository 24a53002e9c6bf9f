"""A bar chart of requests per second, as SVG."""
import statistics

import rates

NAMES = {"sqlite": "taglink, SQLite", "postgres": "taglink, PostgreSQL", "mariadb": "taglink, MariaDB",
         rates.TUTORIAL: "tutorial, MariaDB", rates.CEILING: "ceiling, no database",
         rates.PGBENCH: "pgbench, PostgreSQL"}
WIDTH, LEFT, RIGHT, BAR, GAP, TITLE = 760, 170, 80, 18, 4, 30


def svg(measured):
    """Of `rates.rates`. Each request has a scale of its own."""
    parts, y = [], 6
    for request, by_name in measured.items():
        bars = {name: statistics.median(by_name[who]) for who, name in NAMES.items() if who in by_name}
        parts.append(f'<text x="{LEFT}" y="{y + 16}" class="title">{escape(request)}, requests per second</text>')
        y += TITLE
        for name, rate in bars.items():
            width = max(1, rate / max(bars.values()) * (WIDTH - LEFT - RIGHT))
            color = "own" if name.startswith("taglink") else "peer"
            parts += [f'<text x="{LEFT - 8}" y="{y + 13}" text-anchor="end">{name}</text>',
                      f'<rect x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR}" class="{color}"/>',
                      f'<text x="{LEFT + width + 6:.1f}" y="{y + 13}">{rate:,.0f}</text>']
            y += BAR + GAP
        y += GAP * 3
    style = ("text{font:12px sans-serif;fill:#222}.title{font-weight:bold;font-size:13px}"
             ".own{fill:#2a6fb0}.peer{fill:#a9b4bf}")
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" role="img" '
                      'aria-label="Requests per second of taglink and its peers">',
                      f"<style>{style}</style>", f'<rect width="{WIDTH}" height="{y}" fill="#fff"/>',
                      *parts, "</svg>", ""])


def escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")
