"""Ten thousand records, the same ones every time, of which one in fifty is odd."""

from __future__ import annotations

import json
import os
import random
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
DAY = "2026-03-02"
PROTOCOLS = [str(REPOSITORY / "protocols" / name) for name in ("botulinum-toxin", "microneedling-acne-scars")]
COUNT = 10_000


def usual(at: int, roll: random.Random) -> str:
    """A record as an engine writes it: with ``null`` where nobody has said anything."""
    facts = {
        "date_of_birth": f"{roll.randint(1930, 2015)}-{roll.randint(1, 12):02}-{roll.randint(1, 28):02}",
        "breastfeeding": roll.choice([True, False, False, None]),
        "pregnancy_status": roll.choice(["pregnant", "not_pregnant", None]),
        "fitzpatrick": roll.choice([1, 2, 3, 4, 5, 6, None]),
        "keloid_history": roll.choice(["none", "none", "face", None]),
        "isotretinoin_last_dose_date": roll.choice(["never", "2025-11-15", "2025-11", None]),
    }
    sessions = roll.choice(
        [
            None,
            [],
            [{"treatment": "microneedling", "date": f"2026-01-{roll.randint(1, 28):02}", "product": None}],
            [{"treatment": "botulinum-toxin", "date": "2025-11"}],
        ]
    )
    whole = {"patient": f"P-{at}", "recorded": "2026-03-01", "facts": facts, "sessions": sessions}
    return json.dumps(whole, separators=(",", ":"))


def odd(at: int, kind: int) -> str:
    """A record with something wrong, doubtful or unusual."""
    kinds = [
        '{"patient":"P-%d","recorded":"2026-03-01","facts":{"fitzpatrick":9}}',
        '{"patient":"P-%d","recorded":"2026-03-01","facts":{"shoe_size":44}}',
        '{"patient":"P-%d","recorded":"2026-03-01","facts":{"fitzpatrik":4}}',
        '{"patient":"P-%d","recorded":"2026-02-30","facts":{}}',
        '{"patient":"P-%d","recorded":"2026-03-01","facts":{"fitzpatrick":0.30000000000000004}}',
        '{"patient":"M\\u00fcller \\u200e\\"%d\\"","recorded":"2026-03-01","facts":{}}',
        '{"patient":"M\u00fc\U0001f9d1\u200d%d","recorded":"2026-03-01","facts":{}}',
        '{"patient":"P-%d","recorded":"2026-03-01","facts":{',
        '[{"patient":"P-%d"}]',
        '{"patient":"P-%d","recorded":"2026-03-01","facts":{},"sessions":[null]}',
        '{"patient":"P-%d","recorded":"2026-03-01","facts":{"keloid_history":{"value":null,"on":null,"unknown":null}}}',
        '{"patient":"P-%d","patient":"Q","recorded":"2026-03-01","facts":{}}',
        '{"patient":null,"recorded":"2026-03-01","facts":{"note":"%d"}}',
        "null %d",
        '\u2028 %d',
    ]
    return kinds[kind % len(kinds)].replace("%d", str(at))


def records(count: int = COUNT) -> list[str]:
    """One in fifty, from the eighth."""
    roll = random.Random(7)
    return [odd(at, at // 50) if at % 50 == 7 else usual(at, roll) for at in range(count)]


def program() -> str:
    """The command line, as it was built last."""
    return os.environ.get("REGIMEN", str(REPOSITORY / "target" / "debug" / "regimen"))


def batch(lines: list[str], *arguments: str, protocols: list[str] = PROTOCOLS) -> list[str]:
    """What one run of ``regimen batch`` answers."""
    command = [program(), "batch", *protocols, "--as-of", DAY, *arguments]
    told = subprocess.run(command, input="\n".join(lines).encode(), capture_output=True, check=False)
    assert told.returncode in (0, 1), told.stderr.decode()
    return told.stdout.decode().split("\n")[:-1]
