"""How we write: claims never made, length, sentences, reading grade. Each rule gives (problem, hint)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from prp_guide.content.placeholders import PLACEHOLDER

Finding = tuple[str, str]


@dataclass(frozen=True)
class Claim:
    """Words that a reply must not hold, why, and what to write instead."""

    pattern: re.Pattern[str]
    hint: str
    answers_only: bool = False


def _claim(words: str, hint: str, *, answers_only: bool = False) -> Claim:
    return Claim(re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.I), hint, answers_only)


CLAIMS: dict[str, tuple[Claim, ...]] = {
    "en": (
        _claim(r"(?:un)?safe(?:ly|r|st|ty)?", "Say which risks the page names, and who can say more."),
        _claim(
            r"painless(?:ly)?|pain[- ]free|(?:does(?: not|n't)|won't|will not|doesn't) hurt|no pain",
            "Say what is done, and ask the front desk about comfort.",
        ),
        _claim(
            r"FDA[- ](?:approv\w+|clear\w+)|(?:approved|cleared) by the FDA",
            "Say that the page does not speak of it.",
        ),
        _claim(
            r"guarantee\w*|(?:we|i) promise|100 ?%|cures?|permanent(?:ly)?|proven|regrow\w*|miracle"
            r"|risk[- ]free|no (?:risks?|side effects)|always works?",
            "Promise nothing: keep the page's words, such as 'can' and 'in certain people'.",
        ),
        _claim(
            r"(?:it|prp|hair|this|you|treatment) will"
            r" (?:work|help|grow|see|get|have|stop|restore|fix|improve|love)",
            "Say what it can or may do, not what it will do.",
        ),
        _claim(
            r"you(?: are|'re) (?:fine|ok|okay|all right)|nothing to worry about"
            r"|(?:do not|don't|no need to) worry|harmless",
            "Give no reassurance: say what is normal on the page, and when to call.",
        ),
        _claim(
            r"(?:better|safer|cheaper|faster|stronger|more effective) than|superior|the best",
            "Compare no treatments.",
        ),
        _claim(r"[$€£] ?\d[\d.,]*|\d+ ?(?:dollars?|usd|bucks)", "Name no amount of money."),
        _claim(r"\d+ ?(?:mg|ml|mcg|cc|iu|milligrams?|milliliters?)|dos(?:e|es|age)|overdose", "Name no dose."),
        _claim(
            r"(?:we|I)(?: are|'re| am|'m) (?:so |very )?(?:sorry|happy|glad|excited|thrilled)"
            r"|I understand how|I feel",
            "Pretend no feeling: the assistant is a machine.",
        ),
        _claim(r"prices?|priced|costs?|fees?", "Leave the price to the front desk.", answers_only=True),
    ),
    "es": (
        _claim(
            r"(?:es|son|muy|totalmente|completamente) segur[oa]s?|segur[oa] y|inocu[oa]s?|seguridad",
            "Diga qué riesgos nombra la página.",
        ),
        _claim(
            r"indolor\w*|sin dolor|no (?:le )?duele|no (?:le )?dolerá",
            "Diga qué se hace; el resto, en recepción.",
        ),
        _claim(
            r"(?:aprobad|autorizad)[oa]s? por la FDA|aprobación de la FDA",
            "Diga que la página no habla de ello.",
        ),
        _claim(
            r"garanti[zc]\w*|garantías?|prometemos|le prometo|100 ?%|milagro\w*|permanentes?|definitiv[oa]s?"
            r"|comprobad[oa]s?|sin (?:ningún )?riesgos?|sin efectos secundarios|curar?|cura(?:rá|n)?",
            "No prometa nada: use 'puede' y 'en ciertas personas'.",
        ),
        _claim(
            r"(?:le|su cabello|el prp|el tratamiento) (?:crecerá|funcionará|ayudará|saldrá|mejorará)"
            r"|verá resultados",
            "Diga lo que puede hacer, no lo que hará.",
        ),
        _claim(
            r"(?:usted )?está(?:s)? bien|no se preocupe|no es nada|no hay de qué preocuparse",
            "No tranquilice.",
        ),
        _claim(r"(?:mejor|más eficaz|más efectivo|más barato) que|el mejor", "No compare tratamientos."),
        _claim(r"[$€£] ?\d[\d.,]*|\d+ ?(?:dólar(?:es)?|usd)", "No diga cantidades de dinero."),
        _claim(r"\d+ ?(?:mg|ml|mcg|cc|miligramos?)|dosis", "No diga dosis."),
        _claim(
            r"lo siento|lo sentimos|lamento|lamentamos|me alegra|con gusto|siento que",
            "No finja sentimientos.",
        ),
        _claim(r"precios?|costos?|cuesta|tarifas?", "El precio lo da la recepción.", answers_only=True),
    ),
}

# Words before the answer: the first sentence is the answer.
FILLER = {
    "en": re.compile(r"(?:great|good) question|thank|thanks|sure|of course|absolutely|well,|hello|hi\b|welcome", re.I),
    "es": re.compile(r"(?:buena|gran) pregunta|gracias|claro|por supuesto|desde luego|bueno,|hola", re.I),
}

# English only: in Spanish the verb says whom it speaks to.
PERSONAL = re.compile(r"\b(?:you|your|we|our|us)\b", re.I)

ASKING = {
    "en": re.compile(r"\bask\b", re.I),
    "es": re.compile(r"\b(?:pregunt\w+|consult\w+|pida|pídala)\b", re.I),
}


@dataclass(frozen=True)
class Measure:
    """How long a reply may be."""

    fewest_words: int
    most_words: int
    longest_sentence: int
    most_sentences: int = 6


# Spanish says the same in about an eighth more words.
MEASURES = {"en": Measure(30, 60, 20), "es": Measure(30, 70, 25)}

HIGHEST_GRADE = 8.0
HIGHEST_AVERAGE_GRADE = 6.0
GREETING_WORDS = 35


def plain(text: str) -> str:
    """`text` as it is measured: each placeholder stands for two words, as a phone number does."""
    return PLACEHOLDER.sub("our number", text)


def words(text: str) -> int:
    """How many words `text` has."""
    return len(plain(text).split())


def sentences(text: str) -> list[str]:
    """The sentences of `text`."""
    return [part for part in re.split(r"(?<=[.!?])\s+", plain(text).strip()) if part]


def claims(text: str, lang: str, *, answer: bool = False) -> Iterator[Finding]:
    """The claims in `text` that we never make; some rules are for answers alone."""
    for claim in CLAIMS[lang]:
        found = claim.pattern.search(text)
        if found and (answer or not claim.answers_only):
            yield f"{found.group()!r} must not be said", claim.hint
    if "!" in text or "¡" in text:
        yield "an exclamation mark", "End the sentence with a period."


def measures(text: str, lang: str) -> Iterator[Finding]:
    """Where `text` is too short or too long, as a whole or in a sentence."""
    rule = MEASURES[lang]
    count = words(text)
    if not rule.fewest_words <= count <= rule.most_words:
        yield f"{count} words", f"Write {rule.fewest_words} to {rule.most_words} words."
    parts = sentences(text)
    if len(parts) > rule.most_sentences:
        yield f"{len(parts)} sentences", f"Write {rule.most_sentences} at most."
    for part in parts:
        if words(part) > rule.longest_sentence:
            yield (
                f"a sentence of {words(part)} words: {part!r}",
                f"Split it: {rule.longest_sentence} words at most.",
            )


def manner(text: str, lang: str) -> Iterator[Finding]:
    """Where `text` does not speak to the patient, or begins with something else than what it has to say."""
    if FILLER[lang].match(text):
        yield "the first sentence says nothing", "Begin with the answer itself."
    if lang == "en" and not PERSONAL.search(text):
        yield "it speaks to nobody", "Use 'you' and 'we'."


def reading_grade(text: str) -> float:
    """The Flesch-Kincaid grade of an English text."""
    # Here and not above: it takes long to import, and only a check needs it.
    import textstat

    return float(textstat.flesch_kincaid_grade(plain(text)))
