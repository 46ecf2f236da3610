"""Faults of pictures that are known: what is mended is to be taken out, and nothing may be added."""

KNOWN: dict[str, dict[str, str]] = {
    "against_time": {
        "modules": ("bilstm 2"),
        "full": (
            "ode, bilstm 2, birnn, models.rnn, models.rnn 8, models.lstm, models.two layers, models.layer by "
            "layer, models.bidirectional, models.several heads, models.chain, docs.rnn, docs.both-directions"
        ),
        "auto": (
            "bilstm 2, birnn, models.rnn, models.rnn 8, models.lstm, models.two layers, models.layer by "
            "layer, models.bidirectional, models.several heads, models.chain, docs.rnn, docs.both-directions"
        ),
    },
    "over_cards": {
        "modules": ("bilstm 2"),
        "chain": ("bilstm 2"),
        "auto": ("ode, residual 16"),
        "rolled": ("ode, ode in steps, residual 16"),
    },
    "overlapping": {
        "modules": ("docs.mlp"),
        "rolled": ("bilstm 2"),
    },
    "tape": {
        "full": ("residual 16"),
    },
    "through_text": {
        "modules": ("bilstm 2, seq2seq, layer twice, models.two layers"),
        "auto": ("three linears, transformer 1, transformer 2, vae, gan, ode, mlp 4"),
        "full": ("three linears, transformer 1, transformer 2, vae, gan, ode, residual 16, mlp 16, mlp 4, mlp 40"),
        "rolled": ("ode, ode in steps, tied, T 9, T 30, T 30 every, T 200, T 5000, docs.rnn"),
    },
    "too_small": {
        "modules": (
            "ode, ode in steps, mlp 40, bilstm 2, lstm by hand, lstm by hand in steps, birnn, models.lstm "
            "apart, models.bidirectional"
        ),
        "chain": (
            "transformer 2, ode, ode in steps, residual 16, mlp 16, mlp 40, bilstm 2, seq2seq, seq2seq "
            "attention, lstm by hand, lstm by hand in steps, tied, hidden 512, T 5, T 8, birnn, lstm 5, layer "
            "twice, wide, models.rnn 8, models.per step, models.lstm, models.lstm apart, models.two layers, "
            "models.bidirectional, models.attention, models.chain, docs.rnn, docs.both-directions, "
            "docs.attention"
        ),
        "full": (
            "ode, ode in steps, mlp 16, mlp 40, bilstm 2, seq2seq, seq2seq attention, lstm by hand, lstm by "
            "hand in steps, tied, hidden 512, T 5, T 8, gru 3, gru 2 layers, birnn, lstm 5, words and "
            "letters, detached, layer twice, models.rnn, models.rnn 8, models.per step, models.lstm, "
            "models.lstm apart, models.gru, models.two layers, models.layer by layer, models.loss outside, "
            "models.bidirectional, models.attention, models.several heads, models.chain, docs.rnn, docs.lstm, "
            "docs.gru, docs.two-layers, docs.both-directions, docs.attention"
        ),
        "auto": (
            "ode in steps, mlp 16, mlp 40, bilstm 2, seq2seq, seq2seq attention, lstm by hand, lstm by hand "
            "in steps, tied, hidden 512, T 5, T 8, gru 3, gru 2 layers, birnn, lstm 5, words and letters, "
            "detached, layer twice, models.rnn, models.rnn 8, models.per step, models.lstm, models.lstm "
            "apart, models.gru, models.two layers, models.layer by layer, models.loss outside, "
            "models.bidirectional, models.attention, models.several heads, models.chain, docs.rnn, docs.lstm, "
            "docs.gru, docs.two-layers, docs.both-directions, docs.attention, ode"
        ),
        "rolled": (
            "mlp 16, mlp 4, mlp 40, bilstm 2, seq2seq, seq2seq attention, lstm by hand in steps, gru 3, gru 2 "
            "layers, birnn, detached, models.lstm apart, models.bidirectional, docs.gru, docs.both- "
            "directions, lstm by hand"
        ),
    },
}
