"""The reports' side speaks every language it offers, in the compiled form that is shipped."""

import gettext
from itertools import pairwise
from pathlib import Path

import pytest

from config.settings import intake as zone_settings

LOCALE = Path(zone_settings.LOCALE_PATHS[0])
OTHERS = [code for code, _ in zone_settings.LANGUAGES if code != zone_settings.LANGUAGE_CODE]


@pytest.mark.parametrize("code", OTHERS)
def test_every_sentence_is_translated_in_the_file_that_is_shipped(code: str) -> None:
    """Fails where a sentence was added or changed and `msgfmt` not run again."""
    folder = LOCALE / code / "LC_MESSAGES"
    written = _sentences(folder / "django.po")
    with (folder / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    missing = [text for text in written if compiled.gettext(text) == text]
    assert written
    assert missing == []


def _sentences(path: Path) -> list[str]:
    """The single-line sentences of a catalogue that take no plural."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [
        line.removeprefix('msgid "').removesuffix('"')
        for line, after in pairwise(lines)
        if line.startswith('msgid "') and line != 'msgid ""' and after.startswith("msgstr ")
    ]
