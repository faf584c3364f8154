"""Times, lengths and sizes are written as the reader's language writes them."""

from datetime import UTC, datetime

import pytest

from portal.language import LANGUAGES
from portal.words import day, lasting, minutes, moment, size

AT = datetime(2026, 11, 1, 9, 5, tzinfo=UTC)
WRITTEN = {
    "en": (
        "1 November 2026, 09:05 UTC",
        "1 November 2026",
        ["1 year, 6 months", "30 days", "1 month", "1 day"],
        ["30 minutes", "1 hour", "12 hours"],
        "2.5 MB",
    ),
    "pt-BR": (
        "1 de novembro de 2026, 09:05 UTC",
        "1 de novembro de 2026",
        ["1 ano, 6 meses", "30 dias", "1 mês", "1 dia"],
        ["30 minutos", "1 hora", "12 horas"],
        "2,5 MB",
    ),
}
WRITTEN["pt-PT"] = WRITTEN["pt-BR"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_reader_finds_times_lengths_and_sizes_in_their_language(lang):
    at, on, lengths, short, big = WRITTEN[lang]
    assert moment(AT, lang).text == at
    assert day(AT, lang).text == on
    assert [lasting(one, lang) for one in ("P1Y6M", "P30D", "P1M", "P1D")] == lengths
    assert [minutes(one, lang) for one in (30, 60, 720)] == short
    assert size(2_500_000, lang).replace("\N{NO-BREAK SPACE}", " ") == big
