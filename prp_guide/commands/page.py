"""`prp-guide page check`: does the clinic's page still say what the answers say?"""

from __future__ import annotations

from prp_guide.home import Home


def check(home: Home, *, where: str | None, withhold: bool) -> int:
    """Hold the page at `where` (default: that of clinic.yml) against the facts; print what is gone, changed and new.

    Only for the page of clinic.yml, or with `withhold`, is it written down which facts are in doubt. 0 when page and
    answers are in step, else 2. Raises DataError, SetupError, PageError.
    """
    from prp_guide.clinic import load_clinic
    from prp_guide.clinic_page.check import configured, in_words, look, look_and_record
    from prp_guide.content import Library

    clinic, library = load_clinic(home.clinic_file), Library.load(home)
    settings = clinic.page_check
    place = where or configured(clinic)
    ignore = settings.ignore if settings else ()
    own = settings is not None and place == settings.url
    if withhold or own:
        chosen = withhold or (settings is not None and settings.on_change == "withhold")
        seen = look_and_record(home, library, place, withhold=chosen, ignore=ignore)
    else:
        seen = look(home, library, place, ignore=ignore)
    print("\n".join(in_words(home, library, seen)))
    return 0 if seen.comparison.in_step and not seen.doubts else 2
