"""Faults of pictures that are known, each kind with its reason: nothing may be added, and what is mended goes."""

#: What an eye stumbles over, why it stays, and in which graphs of every view.
KNOWN: dict[str, tuple[str, dict[str, str]]] = {
    "through_text": (
        "An arrow that comes from beside a scope crosses its name: dot routes arrows around cards, not around names.",
        {
            "auto": "vae, gan, seq2seq",
            "full": "vae, gan",
            "modules": "bilstm 2, seq2seq, layer twice, models.two layers",
        },
    ),
    "over_cards": (
        "Layers that run against each other in time read each other's boxes in circles, which dot cannot put in order.",
        {
            "chain": "bilstm 2",
            "modules": "bilstm 2",
        },
    ),
    "against_time": (
        "The same circles: one of the two directions has to go against the picture.",
        {
            "modules": "bilstm 2",
        },
    ),
    "too_small": (
        "Asked for by name: so many steps or operations side by side are wider than a notebook. What auto chooses has "
        "letters of 6 pixels.",
        {
            "full": "residual 16, mlp 40, bilstm 2, seq2seq, seq2seq attention",
            "chain": "transformer 2, residual 16, mlp 40, wide",
            "modules": "bilstm 2, birnn, models.bidirectional",
            "rolled": "bilstm 2, seq2seq, seq2seq attention, lstm by hand, lstm by hand in steps, models.lstm apart",
        },
    ),
}
