"""Small trainings in the style of tutorials, a text each: it leaves `model` and `loss()`.

`torch` is the library, `nn`, `F` and `x`, `y`, `ids`, `labels` are there already: numbers that are the same in both.
"""

SCRIPTS = {
    "sequence to sequence": """
class Seq2Seq(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(12, 8)
        self.encoder, self.decoder = nn.GRU(8, 16, batch_first=True), nn.GRU(8, 16, batch_first=True)
        self.out = nn.Linear(16, 12)
    def forward(self, source, target):
        _, h = self.encoder(self.table(source))
        output, _ = self.decoder(self.table(target), h)
        return self.out(output)
model = Seq2Seq()
loss = lambda: F.cross_entropy(model(ids, labels[:, :-1]).flatten(0, 1), labels[:, 1:].flatten())
""",
    "attention over an encoder": """
class Attended(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.query, self.out = nn.LSTM(5, 16, batch_first=True), nn.Linear(16, 16), nn.Linear(32, 1)
    def forward(self, x):
        states, (h, _) = self.rnn(x)
        weights = torch.softmax(torch.bmm(states, self.query(h[-1]).unsqueeze(2)).squeeze(2), dim=1)
        context = torch.einsum('bt,bth->bh', weights, states)
        return self.out(torch.cat([context, h[-1]], dim=1)).squeeze(1)
model = Attended()
loss = lambda: F.mse_loss(model(x), y)
""",
    "language model, transformer": """
layer = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True)
parts = {'table': nn.Embedding(12, 16), 'body': nn.TransformerEncoder(layer, 2), 'head': nn.Linear(16, 12)}
model = nn.ModuleDict(parts)
mask = torch.triu(torch.ones(6, 6, dtype=torch.bool), diagonal=1)
def loss():
    logits = model['head'](model['body'](model['table'](ids[:, :-1]) * 4.0, mask=mask))
    return F.cross_entropy(logits.reshape(-1, 12), ids[:, 1:].reshape(-1))
""",
    "temporal convolution": """
class Block(nn.Module):
    def __init__(self, inputs, outputs, dilation):
        super().__init__()
        self.pad = 2 * dilation
        conv = nn.Conv1d(inputs, outputs, 3, padding=self.pad, dilation=dilation)
        self.conv = nn.utils.parametrizations.weight_norm(conv)
        self.down = nn.Conv1d(inputs, outputs, 1)
    def forward(self, x):
        return torch.relu(self.conv(x)[:, :, :-self.pad] + self.down(x))
model = nn.Sequential(Block(5, 8, 1), Block(8, 8, 2), nn.Flatten(), nn.Linear(56, 1))
loss = lambda: F.mse_loss(model(x.transpose(1, 2)).squeeze(1), y)
""",
    "policy gradient": """
model = nn.Sequential(nn.Linear(5, 16), nn.Tanh(), nn.Linear(16, 3))
actions, rewards = labels[:, 0] % 3, y
def loss():
    policy = torch.distributions.Categorical(logits=model(x[:, 0]))
    advantage = (rewards - rewards.mean()) / (rewards.std() + 1e-8)
    return -(policy.log_prob(actions) * advantage).mean() - 0.01 * policy.entropy().mean()
""",
    "connectionist classification": """
model = nn.ModuleList([nn.LSTM(5, 16, batch_first=True, bidirectional=True), nn.Linear(32, 6)])
def loss():
    scores = F.log_softmax(model[1](model[0](x)[0]), dim=2).transpose(0, 1)
    lengths = torch.full((4,), 7), torch.full((4,), 2)
    return F.ctc_loss(scores, labels[:, :2] % 5 + 1, *lengths)
""",
    "character model": """
model = nn.ModuleList([nn.Embedding(12, 8, max_norm=2.0), nn.LSTM(8, 16, 2, batch_first=True), nn.Linear(16, 12)])
def loss():
    output, _ = model[1](model[0](ids[:, :-1]))
    return F.cross_entropy(model[2](output).transpose(1, 2), ids[:, 1:])
""",
    "tags by a conditional random field": """
class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.table, self.rnn = nn.Embedding(12, 8), nn.LSTM(8, 8, bidirectional=True, batch_first=True)
        self.out, self.moves = nn.Linear(16, 4), nn.Parameter(torch.zeros(4, 4))
    def forward(self, ids, tags):
        scores = self.out(self.rnn(self.table(ids))[0])
        total = scores[:, 0]
        for t in range(1, scores.shape[1]):
            total = torch.logsumexp(total.unsqueeze(2) + self.moves, dim=1) + scores[:, t]
        path = scores.gather(2, tags.unsqueeze(2)).squeeze(2).sum(1) + self.moves[tags[:, :-1], tags[:, 1:]].sum(1)
        return (torch.logsumexp(total, dim=1) - path).mean()
model = Tagger()
loss = lambda: model(ids, ids % 4)
""",
    "quantiles of a series": """
model = nn.ModuleList([nn.GRU(5, 12, batch_first=True), nn.Linear(12, 3)])
levels = torch.tensor([0.1, 0.5, 0.9])
def loss():
    away = y.unsqueeze(1) - model[1](model[0](x)[0][:, -1])
    return torch.maximum(levels * away, (levels - 1) * away).mean() + 0.1 * torch.quantile(away.abs(), 0.75)
""",
    "variational autoencoder of sequences": """
class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.code, self.decoder = nn.GRU(5, 12, batch_first=True), nn.Linear(12, 8), nn.Linear(4, 35)
    def forward(self, x, noise):
        mean, logvar = self.code(self.encoder(x)[1][0]).chunk(2, dim=1)
        found = self.decoder(mean + noise * torch.exp(0.5 * logvar)).view_as(x)
        return F.mse_loss(found, x) - 0.5 * torch.mean(1 + logvar - mean.pow(2) - logvar.exp())
model = Autoencoder()
loss = lambda: model(x, x[:, 0, :4])
""",
    "pairs apart by their distance": """
model = nn.Sequential(nn.Linear(5, 16), nn.Softsign(), nn.Linear(16, 4))
def loss():
    apart = torch.cdist(model(x[:, 0]), model(x[:, 1])) + 0.1
    return F.cross_entropy(-apart, torch.arange(4)) + torch.diff(apart.flatten()).pow(2).mean()
""",
    "several instances, normalised": """
layers = [nn.Conv1d(5, 6, 3), nn.InstanceNorm1d(6, affine=True), nn.Hardshrink(0.1), nn.Flatten(), nn.Linear(30, 1)]
model = nn.Sequential(*layers)
loss = lambda: F.huber_loss(model(x.transpose(1, 2)).squeeze(1), y)
""",
}
