"""What templates may not do to sentences."""

import re
from pathlib import Path

import signon

TEMPLATES = sorted(Path(signon.__file__).parent.rglob("templates/*.html"))
TOUCHING = re.compile(
    r"{% endtrans %}\n\s*(?:{% (?:if|elif|else|endif)\b[^%]*%}\s*)*{% trans|"
    r"{% endtrans %}\n\s*{% endif %}\s*{% trans"
)
"""A line's end behind a block is cut away (`trim_blocks`), and with it the space between two sentences."""


def test_no_sentence_runs_into_the_next():
    """`signed in as lena.marsh.Signing out ends …` is what a reader saw."""
    assert TEMPLATES
    found = [
        f"{path.name}: {match[0]!r}"
        for path in TEMPLATES
        for match in TOUCHING.finditer(path.read_text(encoding="utf-8"))
        if "{% else %}" not in match[0] and "{% elif" not in match[0]
    ]
    assert found == []
