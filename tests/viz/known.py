"""Faults of pictures that are known: what is mended is to be taken out, and nothing may be added."""

KNOWN: dict[str, dict[str, str]] = {
    "against_time": {
        "modules": ("bilstm 2"),
    },
    "over_cards": {
        "rolled": ("ode, ode in steps, residual 16"),
        "chain": ("bilstm 2"),
        "modules": ("bilstm 2"),
        "auto": ("residual 16"),
    },
    "overlapping": {
        "modules": ("docs.mlp"),
    },
    "through_text": {
        "full": ("three linears, transformer 2, vae, gan, residual 16, mlp 4, mlp 40"),
        "rolled": (
            "ode, ode in steps, bilstm 2, tied, T 9, T 30, T 30 every, T 200, T 5000, gru 3, models.gru, "
            "models.chain, docs.gru"
        ),
        "auto": ("three linears, transformer 2, vae, gan, mlp 4"),
        "modules": ("bilstm 2, seq2seq, layer twice, models.two layers"),
    },
    "too_small": {
        "full": (
            "transformer 2, ode, ode in steps, residual 16, mlp 40, bilstm 2, seq2seq, seq2seq attention, "
            "lstm by hand, lstm by hand in steps, tied, hidden 512, T 5, T 8, gru 3, gru 2 layers, birnn, "
            "lstm 5, layer twice, models.rnn, models.rnn 8, models.per step, models.lstm, models.lstm apart, "
            "models.gru, models.two layers, models.bidirectional, models.attention, models.several heads, "
            "models.chain, docs.rnn, docs.lstm, docs.gru, docs.attention"
        ),
        "rolled": (
            "bilstm 2, seq2seq, seq2seq attention, lstm by hand, lstm by hand in steps, birnn, models.lstm "
            "apart, models.bidirectional, docs.both-directions"
        ),
        "chain": (
            "transformer 2, ode, ode in steps, residual 16, mlp 16, mlp 40, bilstm 2, seq2seq, seq2seq "
            "attention, lstm by hand, lstm by hand in steps, tied, hidden 512, T 5, T 8, birnn, lstm 5, layer "
            "twice, wide, models.rnn 8, models.per step, models.lstm, models.lstm apart, models.two layers, "
            "models.bidirectional, models.attention, models.chain, docs.rnn, docs.both-directions, "
            "docs.attention"
        ),
        "auto": (
            "transformer 2, ode, ode in steps, bilstm 2, seq2seq, seq2seq attention, lstm by hand, lstm by "
            "hand in steps, tied, hidden 512, T 5, T 8, gru 3, gru 2 layers, birnn, lstm 5, layer twice, "
            "models.rnn, models.rnn 8, models.per step, models.lstm, models.lstm apart, models.gru, "
            "models.two layers, models.bidirectional, models.attention, models.several heads, models.chain, "
            "docs.rnn, docs.lstm, docs.gru, docs.attention"
        ),
        "modules": (
            "mlp 40, bilstm 2, lstm by hand, lstm by hand in steps, birnn, models.lstm apart, models.bidirectional"
        ),
    },
}
