"""Faults of pictures that are known, each kind with its reason: nothing may be added, and what is mended goes."""

#: What an eye stumbles over, why it stays, and in which graphs of every view.
KNOWN: dict[str, tuple[str, dict[str, str]]] = {
    "over_cards": (
        "Layers that run against each other in time read each other's boxes in circles, which dot cannot put in order.",
        {
            "chain": "bilstm 2",
        },
    ),
    "too_small": (
        "Asked for by name: a single step or row of these is half a notebook wide or wider, or dot spreads them so. "
        "What auto chooses has letters of 6 pixels.",
        {
            "full": "bilstm 2",
            "chain": "transformer 2, wide",
        },
    ),
}
