"""How far negation and the other guards reach, and where they end."""

from __future__ import annotations

import pytest

from prp_guide.red_flags import Screen

ENDS = [
    ("no fever, but there is pus on my scalp", "same_day"),
    ("no fever, no rash, but my face is drooping", "emergency"),
    ("no pain now my throat is closing", "emergency"),
    ("no rash, with a fever of 101 since the shots", "same_day"),
    ("no problems except my lips are swelling", "emergency"),
    ("no swelling, my tongue is getting thick", "emergency"),
    ("I don't have pain, I just can't move my arm", "emergency"),
    ("no it's worse, i can hardly breathe", "emergency"),
    ("not sure if it matters but my chest hurts", "emergency"),
    ("not to be dramatic but my throat is swelling", "emergency"),
    ("I have never had a headache like this, worst of my life", "emergency"),
    ("she is not breathing", "emergency"),
    ("it does not stop bleeding", "emergency"),
    ("he won't wake up", "emergency"),
    ("I'm not suicidal, I just wish I was dead", "self_harm"),
    ("no tengo fiebre pero me sale pus", "same_day"),
    ("no puedo respirar", "emergency"),
    ("no quiero vivir", "self_harm"),
]
HOLDS = [
    "no fever, no chills, no pus",
    "no fever, chills or pus",
    "no swelling and no redness at all",
    "I don't have any trouble breathing",
    "never had chest pain",
    "without any swelling of the lips",
    "denies fever, numbness or discharge",
    "no hives, no rash, all good",
    "sin fiebre ni pus",
    "no tengo dolor de pecho",
]
OTHERS = [
    ("can it make me blind?", None),
    ("I went blind in one eye", "emergency"),
    ("what if my throat swells", None),
    ("what do I do, my throat is swelling", "emergency"),
    ("is it normal that my tongue is swollen", "emergency"),
    ("could I have a heart attack from it", None),
    ("could someone call me, I have chest pain", "emergency"),
    ("I had a stroke in 2019, can I still do prp", None),
    ("I had a stroke in 2019 and right now my face is drooping", "emergency"),
    ("my mother died of breast cancer", None),
    ("I'm dying to know when it kicks in", None),
    ("my hair is dying", None),
    ("want to die my roots before christmas", None),
    ("I want to die", "self_harm"),
    ("I'd rather be dead than bald", "self_harm"),
    ("would rather die than get needles in my head", None),
    ("needles scare me, I always faint", None),
    ("I fainted after the needles and can't get up", "emergency"),
    ("my coworker had a seizure so I'm covering her shift, push me back a week", None),
    ("push me back a week, my coworker is having a seizure right now", "emergency"),
    ("dad had a heart attack, I'm at the hospital with him, need to reschedule", None),
    ("URGENT my wedding is in June, please call", None),
    ("URGENT my husband collapsed", "emergency"),
    ("my son takes accutane, is that an issue", None),
    ("my son took my finasteride", "poison"),
    ("how long does redness last", None),
    ("I've been red for five days since the shots", "same_day"),
    ("had it this morning, a little pink and sore", None),
    ("losing hair like crazy, never had any treatment", None),
    ("losing hair like crazy since my second session", "same_day"),
    ("my lips go numb from lidocaine. Would that exclude me?", None),
    ("my lips are going numb right now. Would that exclude me?", "emergency"),
    ("I had a seizure at 12, am I out?", None),
    ("I faint when I skip breakfast. Should I eat?", None),
    ("I just fainted, I had skipped breakfast", "emergency"),
    ("is fainting one of the usual effects", None),
    ("my heart stops when I see a needle", None),
    ("my heart stops and starts, I feel dizzy", "emergency"),
    ("suppose I am puffy the next morning, is that ordinary", None),
    ("forehead puffy on the way home", None),
    ("forehead puffy and bigger every morning since the shots", "same_day"),
    ("can the shots cause a fever", None),
    ("could the shots have caused the fever I have had since?", "same_day"),
    ("every breath whistles and they get shorter", "emergency"),
    ("it is as if a belt tightens around my chest", "emergency"),
    ("the tingling has not left my scalp since last month", "same_day"),
    ("say goodbye to my wigs at last", None),
    ("I only wanted to say goodbye to someone", "self_harm"),
    ("I want to live with my parents near the clinic", None),
    ("my sprained ankle is still swollen after 3 weeks", None),
    ("my scalp is still swollen, and I sprained an ankle", "same_day"),
    ("new tattoo itching on day 5, is that normal", None),
    ("some pressure in my chest since lunch, does that matter", "emergency"),
    ("asthma since school, does that matter", None),
    ("are small bumps common afterwards?", None),
    ("are the bumps I have since the shots on monday common?", "same_day"),
    ("is swelling after a week common?", "same_day"),
    ("the lumps vanished on day two", None),
    ("the lumps vanished on day two, then came back bigger", "same_day"),
    ("the tenderness is gone since wednesday", None),
    ("the tenderness is still not gone since wednesday", "same_day"),
    ("not suicidal, only annoyed", None),
    ("not suicidal, I only want to end it all", "self_harm"),
    ("is fainting common with this", None),
    ("is fainting again an hour after the shots common? I just did", "emergency"),
    ("the swelling had gone and since the shots on monday it keeps growing", "same_day"),
    ("do you have a line open, because the spot keeps oozing since monday", "same_day"),
    ("on my shift my lips swelled up and my throat is closing", "emergency"),
    ("estaba viendo una serie y me duele mucho el pecho", "emergency"),
    ("watching a movie and my chest hurts badly", "emergency"),
    ("I swim until I can't breathe, when may I again", None),
    ("I was swimming and I can't breathe", "emergency"),
    ("we can't get the bleeding under control", "emergency"),
    ("panic attacks for years, under control. allowed?", None),
    ("can you be quick my throat is closing", "emergency"),
    ("my wife worries I might be having a stroke", "emergency"),
    ("I have no insurance, should I call an ambulance", "emergency"),
    ("I fainted at the follow up appointment", "emergency"),
    ("who do I call I can't feel my face", "emergency"),
    ("who sang I can't feel my face", None),
    ("llevo dos meses y no veo resultados", None),
    ("llevo dos dias que no veo bien", "emergency"),
    ("will I faint again, I feel woozy and I passed out an hour ago", "emergency"),
    ("what is the risk of anaphylaxis if it is my own blood", None),
    ("I'm a lost cause on top. too far gone?", None),
    ("I am too far gone, there is no saving me", "self_harm"),
    ("second round today and my legs went to jelly and I dropped", "emergency"),
]


@pytest.mark.parametrize(("message", "tier"), ENDS)
def test_negation_ends(screen: Screen, message: str, tier: str) -> None:
    flag = screen.check(message)
    assert flag is not None
    assert flag.tier == tier


@pytest.mark.parametrize("message", HOLDS)
def test_negation_holds(screen: Screen, message: str) -> None:
    assert screen.all_flags(message) == ()


@pytest.mark.parametrize(("message", "tier"), OTHERS)
def test_other_guards(screen: Screen, message: str, tier: str | None) -> None:
    flag = screen.check(message)
    assert (flag.tier if flag else None) == tier


# Words of a red flag that the message itself denies or calls over weigh against the classifier's vote. What is asked,
# told of others or said in jest does not: there the classifier may know better than the guard.
TAKEN_BACK = [
    ("day four, no fever, no pus, nothing odd. when is the next", True),
    ("never fainted, never had chest pain, too old at 78?", True),
    ("the bump from my session in may disappeared on its own by june, what now", True),
    ("I had seizures as a child, is this ok", True),
    ("what does it cost", False),
    ("can it make me blind?", False),
    ("my friend got hives from hers years ago", False),
    ("no fever but there is pus", False),
]


@pytest.mark.parametrize(("message", "taken_back"), TAKEN_BACK)
def test_what_a_message_takes_back_is_told(screen: Screen, message: str, taken_back: bool) -> None:
    sight = screen.look(message)
    assert sight.taken_back is taken_back
    assert sight.flag == screen.check(message)
    assert sight.word == (sight.flag.tier if sight.flag else "taken_back" if taken_back else None)


def test_the_graver_tier_wins_and_all_flags_begin_with_it(screen: Screen) -> None:
    message = "I have a fever since the shots, my son drank my minoxidil, I want to die and I can't breathe"
    tiers = [flag.tier for flag in screen.all_flags(message)]
    assert {"emergency", "self_harm", "poison", "same_day"} == set(tiers)
    assert tiers == sorted(tiers, key=["emergency", "self_harm", "poison", "same_day"].index)
    first = screen.check(message)
    assert first is not None
    assert first == screen.all_flags(message)[0]
