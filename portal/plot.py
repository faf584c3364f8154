"""Draw looks over time: the points of a bar for each day, week, month or year, and its numbers.

Points are computed here, and drawn by the macro `plot`; the same numbers stand in a table beside.
Only whole periods are shown, empty ones too, so that a gap is seen as one.
Source: portal note, 13.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from babel.dates import format_date

from portal.language import N_, translate
from portal.words import LOCALES, day, moment
from vault.services.look_search import Count

MOST: Final = 36  # bars
HEIGHT: Final = 100  # of the drawing, without the line below
_DAY: Final = timedelta(days=1)
_STEP: Final = 20  # from bar to bar
_WIDTH: Final = 14  # of a bar
_SERIES: Final = ("allowed", "refused", "sealed", "unreadable", "own")  # from below
_WORDS: Final = {
    "allowed": N_("Allowed, all or part"),
    "refused": N_("Refused"),
    "sealed": N_("Sealed"),
    "unreadable": N_("Cannot be read"),
    "own": N_("Your own"),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """One piece of a bar."""

    series: str  # a class of the stylesheet
    x: int
    y: float
    width: int
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Row:
    """One period and its numbers, in the order of the columns."""

    label: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """Bars and their table."""

    title: str
    width: int
    height: int
    marks: tuple[Mark, ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    most: int  # looks in the highest bar


def plot(days: Mapping[date, Count], lang: str) -> Plot | None:
    """Return the plot of what was counted; None when nothing was."""
    if not days:
        return None
    last = max(days)
    # No vault is that old: what says so was edited, and must not fill the page.
    counted = {one: count for one, count in days.items() if last.year - one.year < MOST}
    unit = _unit(min(counted), last)
    sums = {start: dict.fromkeys(_SERIES, 0) for start in _starts(min(counted), last, unit)}
    for date_, count in counted.items():
        _add(sums[_start(date_, unit)], count)
    return _drawn([(_label(start, unit, lang), numbers) for start, numbers in sums.items()], lang)


def over_time(periods: Mapping[datetime, Count], length: timedelta, lang: str) -> Plot | None:
    """Return the plot of what was counted by periods: by the hour, or as `plot` does by the day.

    Args:
        periods: start of each period -> what was counted in it.
        length: of a period.
        lang: the page's language.
    """
    if length >= _DAY or not periods:
        return plot({start.date(): count for start, count in periods.items()}, lang)
    first, last = min(periods), max(periods)
    sums = {
        first + length * place: dict.fromkeys(_SERIES, 0)
        for place in range((last - first) // length + 1)
    }
    for start, count in periods.items():
        _add(sums[start], count)
    return _drawn([(moment(start, lang).text, numbers) for start, numbers in sums.items()], lang)


def _add(numbers: dict[str, int], count: Count) -> None:
    for name in _SERIES:
        numbers[name] += getattr(count, name)


def _drawn(rows: list[tuple[str, dict[str, int]]], lang: str) -> Plot:
    used = [name for name in _SERIES if any(one[name] for _, one in rows)]
    most = max(sum(one.values()) for _, one in rows)
    return Plot(
        title=translate(
            lang, N_("Looks over time, {first} to {last}"), first=rows[0][0], last=rows[-1][0]
        ),
        width=_STEP * len(rows),
        height=HEIGHT,
        marks=tuple(_marks(rows, used, most, lang)),
        columns=tuple(translate(lang, _WORDS[name]) for name in used),
        rows=tuple(Row(label, tuple(numbers[name] for name in used)) for label, numbers in rows),
        most=most,
    )


def _marks(
    rows: list[tuple[str, dict[str, int]]], used: list[str], most: int, lang: str
) -> Iterator[Mark]:
    for place, (label, numbers) in enumerate(rows):
        below = 0
        for name in used:
            if numbers[name]:
                below += numbers[name]
                yield Mark(
                    series=name,
                    x=_STEP * place + (_STEP - _WIDTH) // 2,
                    y=round(HEIGHT - HEIGHT * below / most, 2),
                    width=_WIDTH,
                    height=round(HEIGHT * numbers[name] / most, 2),
                    title=f"{label}: {translate(lang, _WORDS[name])}, {numbers[name]}",
                )


def _unit(first: date, last: date) -> str:
    span = (last - first).days + 1
    if span <= MOST - 5:
        return "day"
    if span <= 7 * (MOST - 10):
        return "week"
    return "month" if span <= 30 * MOST else "year"


def _start(of: date, unit: str) -> date:
    if unit == "week":
        return of - timedelta(days=of.weekday())
    if unit == "month":
        return of.replace(day=1)
    return of.replace(month=1, day=1) if unit == "year" else of


def _starts(first: date, last: date, unit: str) -> Iterator[date]:
    start, end = _start(first, unit), _start(last, unit)
    while start <= end:
        yield start
        if unit == "day":
            start += timedelta(days=1)
        elif unit == "week":
            start += timedelta(days=7)
        elif unit == "month":
            start = (start + timedelta(days=31)).replace(day=1)
        else:
            start = start.replace(year=start.year + 1)


def _label(start: date, unit: str, lang: str) -> str:
    if unit == "day":
        return day(start, lang).text
    if unit == "week":
        return translate(lang, N_("Week of {date}"), date=day(start, lang).text)
    pattern = "LLLL y" if unit == "month" else "y"
    return format_date(start, pattern, locale=LOCALES[lang])
