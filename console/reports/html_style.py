"""The look of the HTML report, and the policy that lets a browser use nothing else."""

from __future__ import annotations

import base64
import hashlib
from typing import Final

STYLE: Final = """
:root { color-scheme: light dark; --ink: #1b1f24; --dim: #59636e; --page: #fff; --card: #f6f8fa; --rule: #d1d9e0;
  --error: #c4283a; --warning: #9a6700; --info: #0969da; --good: #1a7f37; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --dim: #9198a1; --page: #0d1117; --card: #151b23;
  --rule: #3d444d; --error: #ff7b72; --warning: #e3b341; --info: #79c0ff; --good: #56d364; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 75rem; padding: 2rem 1rem 4rem; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; }
p { margin: .25rem 0; } .dim { color: var(--dim); }
.tiles { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.5rem 0; }
.tile { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: .6rem 1rem;
  min-width: 7rem; }
.tile b { display: block; font-size: 1.5rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.error { color: var(--error); } .warning { color: var(--warning); } .info { color: var(--info); }
.good { color: var(--good); }
svg { display: block; width: 100%; height: auto; } svg text { fill: var(--ink); font: 13px system-ui, sans-serif; }
svg .error { fill: var(--error); } svg .warning { fill: var(--warning); } svg .info { fill: var(--info); }
svg .good { fill: var(--good); } svg .track { fill: var(--card); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--rule); }
th { color: var(--dim); font-weight: 600; } .number { text-align: right; font-variant-numeric: tabular-nums; }
code, .path { font: 13px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
.card { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: .75rem 1rem;
  margin: .75rem 0; }
.card table { margin-top: .5rem; } summary { cursor: pointer; color: var(--dim); }
@media print { body { max-width: none; padding: 0; } .card, tr { break-inside: avoid; } }
"""


def policy() -> str:
    """The content security policy (CSP level 3) of the report: this style by its hash, and nothing from anywhere."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
