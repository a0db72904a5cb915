"""What attackers write into findings: every kind of text that a terminal, or a widget, is known to obey.

Each piece carries something that nothing of ours ever writes, so that it can be looked for in the raw bytes that reach
a terminal.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Final

MARK: Final = "HOSTILE"
"""A word in every piece, to see that it was shown at all."""

TEXTS: Final = {
    "csi": f"\x1b[5;38;5;213m{MARK}\x1b[97;97H\x1b[3J",
    "osc title": f"\x1b]0;{MARK}-title\x07\x1b]2;{MARK}-title\x1b\\",
    "osc clipboard": f"{MARK}\x1b]52;c;SE9TVElMRQ==\x07",
    "osc link": f"\x1b]8;;https://hostile.example/\x1b\\{MARK}\x1b]8;;\x1b\\",
    "dcs": f"\x1bP+q{MARK}\x1b\\\x1b_{MARK}\x1b\\",
    "c1": f"{MARK}\x9b5m\x9d0;{MARK}\x9c\x90\x85",
    "bidi": f"{MARK}\u202e\u2066evil\u2069\u200f",
    "invisible": f"{MARK}\u200b\u200d\u2060\ufeff\u00ad\u3164\u2800",
    "controls": f"{MARK}\x00\x07\x08\x0b\x0c\r\x7f",
    "lines": f"{MARK}\nforged row\r\nanother\u2028\u2029\x85",
    "action": f"[@click=app.quit]{MARK}[/]",
    "unbalanced": f"{MARK}[/x]",
    "link": f"[link=https://hostile.example]{MARK}[/link]",
    "address": f"[{MARK}@example.com]",
    "template": f"${MARK} $name [$error] \\[b]",
    "style": f"[b]{MARK}[/b] [on red]",
    "zalgo": f"{MARK}" + "\u0301" * 1_000,
    "wide": f"{MARK}\U0001f468\u200d\U0001f469\u200d\U0001f467漢字",
    "rows": MARK + "\n" * 100_000,
    "long": MARK + "x" * 1_000_000,
}
"""By what they try."""

NAME: Final = os.fsdecode(b"\x1b]52;c;SE9TVElMRQ==\x07\xe2\x80\xae[@click=app.quit]HOSTILE[b] $x\n\xff.json")
"""The rest of a file name of the same kind; it is no UTF-8 either."""

FOREIGN: Final = re.compile(
    rb"\x1b\](?:0|1|2|8|9|52);|\x1bP\+q|\x1b_|\x1b\[[0-9;]*38;5;213|\x1b\[97;97H|\x1b\[3J"  # never ours
    rb"|[\x00\x0b\x0c\x7f]"  # controls that do not belong on a screen
    rb"|\xc2[\x80-\x9f]"  # C1
    rb"|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf|\xc2\xad|\xe3\x85\xa4"  # seen as nothing
)
"""What none of it may leave among the bytes that reach the terminal."""


def finding(text: str, **others: object) -> dict[str, object]:
    """A finding that has *text* in every place that a screen shows; the whole of a long one in its message only."""
    short = text[:3_000]
    return {
        "message": text,
        "activity_id": 1,
        "category_uid": 2,
        "class_uid": 2004,
        "type_uid": 200401,
        "time": 1763547300000,
        "severity_id": 4,
        "severity": short,
        "status_code": short,
        "metadata": {"version": short, "product": {"name": short, "version": short, "vendor_name": short}},
        "finding_info": {"uid": short, "title": short},
        "resources": [{"uid": short, "name": short, "type": short}],
        "cloud": {"provider": short, "region": short, "account": {"uid": short, "name": short}},
        "unmapped": {short: short, "list": [short, {short: [short]}]},
        **others,
    }


BROKEN: Final = (
    b'{"message": "lone \\ud800 surrogate"}',
    b'{"message": NaN}',
    b'{"time": ' + b"9" * 500 + b"}",
    b'{"deep": ' + b"[" * 100 + b"]" * 100 + b"}",
    b'{"message": "\xff\xfe"}',
    f'"{MARK} \x9b5m not an object \u202e"'.encode(),
    b"[1]",
)
"""Elements that are no records, or that no decoder takes."""


def hostile_records() -> list[bytes]:
    """Records that can be read, whatever they do to who reads them."""
    odd = finding(MARK, class_uid=[TEXTS["csi"]], time=10**300, severity_id=-(10**100))
    return [json.dumps(record).encode() for record in [*map(finding, TEXTS.values()), odd]]


def hostile_file(folder: Path) -> Path:
    """Write a finding file that holds all of it, under a hostile name. It ends in the middle of a record."""
    path = folder / f"a{NAME}"
    path.write_bytes(b"[" + b",\n".join([*hostile_records(), *BROKEN]) + b',\n{"message": "cut')
    return path


def whole_hostile_file(folder: Path) -> Path:
    """The same without what can't be read, so that it can be submitted."""
    path = folder / f"b{NAME}"
    path.write_bytes(b"[" + b",\n".join(hostile_records()) + b"]")
    return path


def other_hostile_file(folder: Path) -> Path:
    """The scan after that one: the first finding is gone, the second stands differently, and one is new."""
    records = [json.loads(raw) for raw in hostile_records()[1:]]
    records[0] |= {"status_code": f"FAIL {MARK}\x1b]0;x\x07", "severity": "[b]Critical\u202e"}
    records.append(finding(f"{MARK} [@click=app.quit]new\x9b5m"))
    path = folder / f"c{NAME}"
    path.write_text(json.dumps(records))
    return path
