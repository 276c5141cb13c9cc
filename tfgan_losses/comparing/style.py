"""How the report looks, by day and by night, on wide and on narrow screens."""

from __future__ import annotations

CSS = """
:root {
  color-scheme: light dark;
  --page: #fdfdfc; --ink: #1d2126; --soft: #59616b; --line: #dcdfe3; --raised: #f3f4f6;
  --mark: #e7f1e9; --mark-ink: #14532d; --warn: #8a4b00; --bad: #a11d1d;
  --c0: #0b62a4; --c1: #c2410c; --c2: #15803d; --c3: #7e22ce;
  --c4: #a16207; --c5: #be185d; --c6: #0e7490; --c7: #57606a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171b; --ink: #e6e8eb; --soft: #a3abb5; --line: #333a43; --raised: #1e2329;
    --mark: #1c3325; --mark-ink: #a7e3ba; --warn: #f0b35b; --bad: #ff9d94;
    --c0: #6cb4ee; --c1: #fb923c; --c2: #4ade80; --c3: #c99bff;
    --c4: #e9c53c; --c5: #f78fc0; --c6: #35d0e6; --c7: #a8b0ba;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 78rem; padding: 1.5rem clamp(1rem, 4vw, 2.5rem) 4rem;
  background: var(--page); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
h1 { font-size: clamp(1.5rem, 1.2rem + 1.6vw, 2.1rem); line-height: 1.2; margin: 0 0 .4rem; }
h2 { font-size: 1.25rem; margin: 2.6rem 0 .6rem; padding-top: .2rem; }
h3 { font-size: 1rem; margin: 1.6rem 0 .4rem; }
p, ul { max-width: 46rem; margin: .5rem 0; overflow-wrap: anywhere; }
ul { padding-left: 1.2rem; }
a { color: inherit; }
.soft, figcaption, .keys { color: var(--soft); }
.lead { font-size: 1.05rem; }
nav { margin: .8rem 0 0; display: flex; flex-wrap: wrap; gap: .2rem 1rem; font-size: .92rem; }
.conclusion {
  background: var(--raised); border-left: 4px solid var(--c0); border-radius: 4px;
  padding: .7rem 1rem; margin: 1.2rem 0;
}
.table { margin: .8rem 0; }
.table figcaption { max-width: 46rem; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; }
.scroll:focus-visible { outline: 2px solid var(--c0); outline-offset: 2px; }
table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: .93rem; }
th, td { padding: .45rem .6rem; text-align: right; white-space: nowrap; vertical-align: baseline; }
td { font-variant-numeric: tabular-nums; }
th:first-child, td:first-child, .text { text-align: left; }
#failures th:last-child { text-align: left; }
thead th { border-bottom: 1px solid var(--line); font-weight: 600; vertical-align: bottom; }
thead th { white-space: normal; }
thead small { white-space: nowrap; display: block; font-weight: 400; color: var(--soft); }
tbody tr + tr > *, tfoot tr > * { border-top: 1px solid var(--line); }
tr > :first-child { position: sticky; left: 0; background: var(--page); }
tbody th { font-weight: 600; }
tfoot th, tfoot td { color: var(--soft); font-weight: 400; }
tfoot th { white-space: normal; min-width: 9rem; }
td.best { font-weight: 700; }
.tie {
  background: var(--mark); color: var(--mark-ink); border-radius: 3px; padding: 0 .35em;
  font-weight: 400; font-size: .85em; margin-left: .4em;
}
.error { color: var(--soft); font-weight: 400; }
.swatch { width: 1.5em; height: .7em; margin-right: .5em; overflow: visible; }
.swatch path { stroke-width: 3; fill: none; }
.keys { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; list-style: none; padding: 0; }
.cells { display: grid; gap: 1.2rem; margin: .8rem 0;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, var(--least, 12rem)), 1fr)); }
.cells.charts { --least: 21rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, var(--least)), 1fr)); }
.cells.charts figure { max-width: 30rem; }
.conclusion p { max-width: none; }
figure { margin: 0; min-width: 0; }
figure img { width: 100%; height: auto; border-radius: 4px; display: block; }
figure img.small { image-rendering: pixelated; }
figcaption { font-size: .9rem; margin-top: .35rem; overflow-wrap: anywhere; }
figcaption b { color: var(--ink); font-weight: 600; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font-size: 13px; }
svg .y { text-anchor: end; } svg .x { text-anchor: middle; }
svg path { fill: none; stroke: currentColor; stroke-linecap: round; stroke-linejoin: round; }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .floor { stroke: var(--soft); stroke-dasharray: 1 5; stroke-width: 2; }
svg .mean { stroke-width: 2.4; } svg .thin { stroke-width: 1; opacity: .5; }
svg.points { border: 1px solid var(--line); border-radius: 4px; }
svg.points path { stroke: var(--c1); stroke-width: 4; opacity: .6; }
svg.points.real path { stroke: var(--c2); }
svg.points circle { fill: none; stroke: var(--c0); stroke-width: 1.2; }
svg.swatch { display: inline-block; }
.c0 { stroke: var(--c0) !important; } .c1 { stroke: var(--c1) !important; }
.c2 { stroke: var(--c2) !important; } .c3 { stroke: var(--c3) !important; }
.c4 { stroke: var(--c4) !important; } .c5 { stroke: var(--c5) !important; }
.c6 { stroke: var(--c6) !important; } .c7 { stroke: var(--c7) !important; }
.bad { color: var(--bad); } .warn { color: var(--warn); }
details { margin: .8rem 0; }
summary { cursor: pointer; color: var(--soft); }
code { font: .88em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre { background: var(--raised); border-radius: 6px; padding: .8rem 1rem; overflow-x: auto; }
td.wide { white-space: normal; min-width: 16rem; overflow-wrap: anywhere; }
@media (max-width: 34rem) {
  body { padding-top: 1rem; }
  th, td { padding: .4rem .6rem; }
  .cells:not(.charts) { --least: 8.5rem; gap: .9rem; }
}
@media print { .scroll { overflow: visible; border: 0; } nav { display: none; } }
"""
