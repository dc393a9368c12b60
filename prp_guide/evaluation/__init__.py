"""How well PRP Guide understands, in figures: what `prp-guide evaluate` and `prp-guide check phrases` are made of.

    rows ──► chat (a running assistant) ──► verdicts ──► figures ──► report
    phrases ──► cross_validation ──► understanding ──┘

Knows nothing of Rasa: a running assistant is asked through its chat API, the model alone through prp_guide.language.
"""
