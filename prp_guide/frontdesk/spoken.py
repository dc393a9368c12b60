"""Times and stretches of time as people say them."""

from __future__ import annotations

from datetime import datetime, timedelta

WEEKDAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
# fmt: off
MONTHS = {
    "en": ("January", "February", "March", "April", "May", "June",
           "July", "August", "September", "October", "November", "December"),
    "es": ("enero", "febrero", "marzo", "abril", "mayo", "junio",
           "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
}
# fmt: on


def clock_time(local: datetime, lang: str = "en") -> str:
    """5 pm, 5:30 pm; in Spanish 5 p. m. Comes without an article."""
    hour = local.hour % 12 or 12
    minute = f":{local.minute:02}" if local.minute else ""
    half = ("am", "pm") if lang == "en" else ("a. m.", "p. m.")
    return f"{hour}{minute} {half[local.hour >= 12]}"


def by_when(local: datetime, today: datetime, lang: str = "en") -> str:
    """`local` as the end of a promise made at `today`, both on the clinic's clock: by 5 pm on Tuesday.

    Within the next six days the weekday is enough; from then on the date stands beside it.
    """
    days = (local.date() - today.date()).days
    weekday, month = WEEKDAYS[lang][local.weekday()], MONTHS[lang][local.month - 1]
    near = days <= 6
    if lang == "es":
        article = "la" if local.hour % 12 == 1 else "las"
        at = f"antes de {article} {clock_time(local, 'es')}"
        day = "de hoy" if days == 0 else f"del {weekday}" + ("" if near else f" {local.day} de {month}")
        return f"{at} {day}"
    day = "today" if days == 0 else f"on {weekday}" + ("" if near else f", {month} {local.day}")
    return f"by {clock_time(local)} {day}"


def stretch(length: timedelta) -> str:
    """How long something has lasted, in its two largest units: 2 h 5 min. Below a minute: less than 1 min."""
    minutes = max(0, int(length.total_seconds() // 60))
    if minutes < 1:
        return "less than 1 min"
    hours, days = minutes // 60, minutes // 1440
    if hours < 1:
        return f"{minutes} min"
    if days < 1:
        return _pair(f"{hours} h", minutes % 60, "min")
    return _pair("1 day" if days == 1 else f"{days} days", hours % 24, "h")


def _pair(large: str, count: int, unit: str) -> str:
    return f"{large} {count} {unit}" if count else large


def day_and_time(local: datetime, today: datetime) -> str:
    """`local` for a list made at `today`, both on the clinic's clock: Today, 5 pm; Tue, Dec 1, 5 pm."""
    days = (local.date() - today.date()).days
    near = {-1: "Yesterday", 0: "Today", 1: "Tomorrow"}.get(days)
    weekday, month = WEEKDAYS["en"][local.weekday()][:3], MONTHS["en"][local.month - 1][:3]
    return f"{near or f'{weekday}, {month} {local.day}'}, {clock_time(local)}"
