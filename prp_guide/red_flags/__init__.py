"""The red-flag screen: finds emergencies, self-harm, poisoning and worrying symptoms in what a patient writes.

    screen = Screen.load(home)
    flag = screen.check("um i cant breathe 310-555-0147")     # Flag(tier="emergency", rule="cannot-breathe")
    sight = screen.look("day 4, no fever, no pus")            # Sight(flag=None, taken_back=True)

Pure text in, a Flag or None out. It knows nothing of Rasa or HTTP, keeps nothing, and logs nothing.
"""

from prp_guide.red_flags.rulebook import TIERS, Tier
from prp_guide.red_flags.screen import TAKEN_BACK, Flag, Screen, Sight

__all__ = ["TAKEN_BACK", "TIERS", "Flag", "Screen", "Sight", "Tier"]
