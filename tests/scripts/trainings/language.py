"""Words, letters, labels of speech and translations: tables of words, language models, attention, alignments."""

import itertools
from collections import Counter

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import optim
from torch.utils.data import DataLoader, Dataset

LINE = "we are about to study the idea of a computational process computational processes are abstract beings"
TEXT = LINE.split()
WORDS = [word for word, _ in Counter(TEXT).most_common()]
INDEX = {word: i for i, word in enumerate(WORDS)}


def ngrams(draw):
    class NGram(nn.Module):
        def __init__(self, vocab_size, embedding_dim, context_size):
            super().__init__()
            self.embeddings = nn.Embedding(vocab_size, embedding_dim)
            self.linear1 = nn.Linear(context_size * embedding_dim, 16)
            self.linear2 = nn.Linear(16, vocab_size)

        def forward(self, inputs):
            embeds = self.embeddings(inputs).view((1, -1))
            return F.log_softmax(self.linear2(F.relu(self.linear1(embeds))), dim=1)

    model = draw.into(NGram(len(WORDS), 10, 2))
    optimizer, loss_function = optim.SGD(model.parameters(), lr=0.05), nn.NLLLoss()
    trigrams = [([TEXT[i - 2], TEXT[i - 1]], TEXT[i]) for i in range(2, len(TEXT))]
    for context, target in itertools.cycle(trigrams):
        model.zero_grad()
        log_probs = model(torch.tensor([INDEX[w] for w in context], dtype=torch.long))
        loss = loss_function(log_probs, torch.tensor([INDEX[target]], dtype=torch.long))
        loss.backward()
        optimizer.step()
        yield loss.item()


def continuous_bag_of_words(draw):
    class Windows(Dataset):
        def __len__(self):
            return len(TEXT) - 4

        def __getitem__(self, i):
            around = TEXT[i : i + 2] + TEXT[i + 3 : i + 5]
            return torch.tensor([INDEX[w] for w in around]), INDEX[TEXT[i + 2]]

    model = nn.Sequential(nn.Embedding(len(WORDS), 8, max_norm=1.0), nn.Flatten(1), nn.Linear(32, len(WORDS)))
    draw.into(model)
    optimizer = optim.Adam(model.parameters(), lr=0.01, eps=1e-6)
    while True:
        for context, target in DataLoader(Windows(), batch_size=5):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(context), target)
            loss.backward()
            optimizer.step()
            yield loss.item()


def negative_sampling(draw):
    class SkipGram(nn.Module):
        def __init__(self, size, dim=8):
            super().__init__()
            self.u, self.v = nn.Embedding(size, dim), nn.Embedding(size, dim)

        def forward(self, centre, context, negatives):
            emb_u = self.u(centre)
            score = F.logsigmoid(torch.sum(emb_u * self.v(context), dim=1).clamp(-10, 10))
            negative = torch.bmm(self.v(negatives), emb_u.unsqueeze(2)).squeeze(2).clamp(min=-10, max=10)
            return -(score + F.logsigmoid(-negative).sum(1)).mean()

    pairs = [(INDEX[TEXT[i]], INDEX[TEXT[j]]) for i in range(len(TEXT)) for j in (i - 1, i + 1) if 0 <= j < len(TEXT)]
    centre, context = torch.tensor(pairs).t()
    frequencies = torch.bincount(centre, minlength=len(WORDS)).float().pow(0.75)
    steps = (frequencies / frequencies.sum()).cumsum(0)
    model = draw.into(SkipGram(len(WORDS)))
    optimizer = optim.SGD(model.parameters(), lr=1.0)
    scheduler = optim.lr_scheduler.LambdaLR(optimizer, lambda step: max(0.1, 1 - step / 40))
    while True:
        negatives = torch.searchsorted(steps, draw.uniform(len(pairs), 5) * 0.999)
        loss = model(centre, context, negatives)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        yield loss.item()


def global_vectors(draw):
    size, counts = len(WORDS), torch.zeros(len(WORDS), len(WORDS))
    for i, j in itertools.combinations(range(len(TEXT)), 2):
        if j - i <= 3:
            counts[INDEX[TEXT[i]], INDEX[TEXT[j]]] += 1 / (j - i)
    counts = counts + counts.T
    rows, columns = counts.nonzero(as_tuple=True)
    x = counts[rows, columns]
    weights = torch.where(x < 2, (x / 2) ** 0.75, torch.ones_like(x))
    tables = [draw.into(nn.Embedding(size, n)) for n in (6, 6, 1, 1)]
    optimizer = optim.Adagrad([p for table in tables for p in table.parameters()], lr=0.05)
    while True:
        w_i, w_j, b_i, b_j = (table(i) for table, i in zip(tables, (rows, columns) * 2))  # noqa: B905
        away = (w_i * w_j).sum(-1) + b_i.squeeze() + b_j.squeeze() - torch.log(x)
        loss = torch.mean(weights * away**2)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def luong_attention(draw):
    class Translator(nn.Module):
        def __init__(self, vocab=9, hidden=12):
            super().__init__()
            self.src, self.trg = nn.Embedding(vocab, 6, padding_idx=0), nn.Embedding(vocab, 6)
            self.encoder = nn.GRU(6, hidden, bidirectional=True)
            self.decoder = nn.GRU(6, hidden)
            self.general, self.concat = nn.Linear(hidden, hidden), nn.Linear(hidden * 2, hidden)
            self.out, self.hidden = nn.Linear(hidden, vocab), hidden

        def forward(self, source, target):
            outputs, hidden = self.encoder(self.src(source))
            outputs = outputs[:, :, : self.hidden] + outputs[:, :, self.hidden :]
            hidden, mask, logits = hidden[:1], (source == 0).t().unsqueeze(1), []
            for word in target:
                rnn_output, hidden = self.decoder(self.trg(word).unsqueeze(0), hidden)
                energies = torch.sum(rnn_output * self.general(outputs), dim=2).t().unsqueeze(1)
                attention = F.softmax(energies.masked_fill(mask, float("-inf")), dim=2)
                context = attention.bmm(outputs.transpose(0, 1)).squeeze(1)
                logits.append(self.out(torch.tanh(self.concat(torch.cat((rnn_output.squeeze(0), context), 1)))))
            return torch.stack(logits)

    def masked_loss(logits, target, mask):
        crossed = -torch.log(torch.gather(logits.softmax(-1), 2, target.unsqueeze(2)).squeeze(2))
        return crossed.masked_select(mask).mean()

    model = draw.into(Translator())
    optimizer = optim.Adam(model.parameters(), lr=0.005, eps=1e-6)
    while True:
        source = draw.integers(2, 9, 5, 4)
        source[3:, 2:] = 0
        target = torch.cat([torch.ones(1, 4, dtype=torch.long), source.flip(0)])
        loss = masked_loss(model(source, target[:-1]), target[1:], target[1:] != 0)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 50.0)
        optimizer.step()
        yield loss.item()


def speech_labels(draw):
    class Acoustic(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv1d(6, 12, kernel_size=3, stride=2, padding=1)
            self.norm, self.rnn = nn.BatchNorm1d(12), nn.GRU(12, 8, batch_first=True, bidirectional=True)
            self.fc = nn.Linear(16, 6)

        def forward(self, x):
            x = F.hardtanh(self.norm(self.conv(x)), 0, 20)
            return F.log_softmax(self.fc(self.rnn(x.transpose(1, 2))[0]), dim=2)

    model, criterion = draw.into(Acoustic()), nn.CTCLoss(blank=5, zero_infinity=True)
    optimizer = optim.AdamW(model.parameters(), lr=5e-3, eps=1e-6)
    scheduler = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=5e-3, total_steps=10_000, anneal_strategy="linear")
    while True:
        spectrograms, targets = draw.normal(3, 6, 20), draw.integers(0, 5, 9)
        output = model(spectrograms).transpose(0, 1)
        loss = criterion(output, targets, torch.tensor([10, 8, 10]), torch.tensor([4, 2, 3]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        yield loss.item()


def bilstm_crf(draw):
    START, STOP = 3, 4

    def log_sum_exp(vec):
        top = vec[0, vec.argmax(1)]
        return top + torch.log(torch.sum(torch.exp(vec - top.view(1, -1).expand(1, vec.size(1)))))

    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.word_embeds, self.lstm = nn.Embedding(9, 5), nn.LSTM(5, 4, num_layers=1, bidirectional=True)
            self.hidden2tag, self.transitions = nn.Linear(8, 5), nn.Parameter(torch.zeros(5, 5))

        def features(self, sentence):
            embeds = self.word_embeds(sentence).view(len(sentence), 1, -1)
            return self.hidden2tag(self.lstm(embeds)[0].view(len(sentence), 8))

        def forward_score(self, feats):
            forward_var = torch.full((1, 5), -10000.0)
            forward_var[0][START] = 0.0
            for feat in feats:
                alphas = []
                for tag in range(5):
                    emit = feat[tag].view(1, -1).expand(1, 5)
                    alphas.append(log_sum_exp(forward_var + self.transitions[tag].view(1, -1) + emit).view(1))
                forward_var = torch.cat(alphas).view(1, -1)
            return log_sum_exp(forward_var + self.transitions[STOP])

        def score(self, feats, tags):
            score = torch.zeros(1)
            tags = torch.cat([torch.tensor([START], dtype=torch.long), tags])
            for i, feat in enumerate(feats):
                score = score + self.transitions[tags[i + 1], tags[i]] + feat[tags[i + 1]]
            return score + self.transitions[STOP, tags[-1]]

        def neg_log_likelihood(self, sentence, tags):
            feats = self.features(sentence)
            return self.forward_score(feats) - self.score(feats, tags)

    model = draw.into(Tagger())
    model.transitions.data[START, :] = -10000
    model.transitions.data[:, STOP] = -10000
    optimizer = optim.SGD(model.parameters(), lr=0.01, weight_decay=1e-4)
    while True:
        sentence = draw.integers(0, 9, 4)
        model.zero_grad()
        loss = model.neg_log_likelihood(sentence, sentence % 3)
        loss.backward()
        optimizer.step()
        yield loss.item()


def letters_with_samples(draw):
    text = "to be or not to be that is the question "
    chars = sorted(set(text))
    encoded = torch.tensor([chars.index(c) for c in text])

    class CharLSTM(nn.Module):
        def __init__(self, tokens, hidden):
            super().__init__()
            self.tokens, self.lstm, self.fc = (
                tokens,
                nn.LSTM(tokens, hidden, 2, batch_first=True),
                nn.Linear(hidden, tokens),
            )

        def forward(self, x, state=None):
            out, state = self.lstm(F.one_hot(x, self.tokens).float(), state)
            return self.fc(out.contiguous().view(-1, out.shape[2])), state

    @torch.no_grad()
    def sample(model, size, prime="to", top_k=3):
        model.eval()
        written, state = [chars.index(c) for c in prime], None
        out, state = model(torch.tensor([written]))
        for _ in range(size):
            p, top_ch = out[-1].softmax(0).topk(top_k)
            chosen = (p.cumsum(0) / p.sum() > draw.uniform(1)).nonzero()[0].item()
            written.append(top_ch[chosen].item())
            out, state = model(torch.tensor([[written[-1]]]), state)
        model.train()
        return "".join(chars[i] for i in written)

    net = draw.into(CharLSTM(len(chars), 16))
    opt, criterion = optim.Adam(net.parameters(), lr=0.01, eps=1e-6), nn.CrossEntropyLoss()
    for step in itertools.count():
        if step % 4 == 0:
            state = None
        start = step % 4 * 5
        x = torch.stack([encoded[i : i + 5] for i in (start, start + 20)])
        y = torch.stack([encoded.roll(-1)[i : i + 5] for i in (start, start + 20)])
        state = tuple(each.data for each in state) if state else None
        net.zero_grad()
        output, state = net(x, state)
        loss = criterion(output, y.view(-1).long())
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5)
        opt.step()
        yield loss.item() + len(set(sample(net, 4)))


def tied_weights(draw):
    class RNNModel(nn.Module):
        def __init__(self, ntoken=12, ninp=10):
            super().__init__()
            self.encoder, self.rnn = nn.Embedding(ntoken, ninp), nn.GRU(ninp, ninp, 2)
            self.decoder = nn.Linear(ninp, ntoken)
            self.decoder.weight = self.encoder.weight
            nn.init.zeros_(self.decoder.bias)

        def forward(self, input, hidden):
            output, hidden = self.rnn(self.encoder(input), hidden)
            return F.log_softmax(self.decoder(output).view(-1, 12), dim=1), hidden, output

    model, lr = draw.into(RNNModel()), 1.0
    data = draw.integers(0, 12, 41, 3)
    hidden, best = torch.zeros(2, 3, 10), None
    while True:
        for i in range(0, 40, 5):
            model.zero_grad()
            hidden = hidden.detach()
            output, hidden, raw = model(data[i : i + 5], hidden)
            loss = F.nll_loss(output, data[i + 1 : i + 6].view(-1))
            (loss + 0.1 * raw.pow(2).mean() + 0.1 * (raw[1:] - raw[:-1]).pow(2).mean()).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 0.25)
            for p in model.parameters():
                p.data.add_(p.grad, alpha=-lr)
            yield loss.item()
        if best is not None and loss.item() > best:
            lr /= 4.0
        best = min(best or loss.item(), loss.item())


def words_from_letters(draw):
    class WordModel(nn.Module):
        def __init__(self):
            super().__init__()
            self.chars, self.words = nn.Embedding(27, 4, padding_idx=26), nn.Embedding(len(WORDS), 6)
            self.convs = nn.ModuleList(nn.Conv1d(4, 5, k, padding="same") for k in (1, 3))
            self.gate, self.rnn, self.out = nn.Linear(16, 16), nn.RNN(16, 12), nn.Linear(12, len(WORDS))

        def forward(self, words, letters):
            x = self.chars(letters).transpose(1, 2)
            x = torch.cat([torch.tanh(conv(x)).max(dim=2)[0] for conv in self.convs] + [self.words(words)], dim=1)
            g = torch.sigmoid(self.gate(x))
            x = g * F.relu(x) + (1 - g) * x
            return self.out(self.rnn(x.unsqueeze(1))[0].squeeze(1))

    words = torch.tensor([INDEX[w] for w in TEXT])
    letters = torch.full((len(TEXT), 13), 26)
    for i, word in enumerate(TEXT):
        for j, letter in enumerate(word):
            letters[i, j] = ord(letter) - ord("a")
    model = draw.into(WordModel())
    optimizer = optim.SGD(model.parameters(), lr=0.5)
    scheduler = optim.lr_scheduler.ExponentialLR(optimizer, 0.97)
    while True:
        loss = F.cross_entropy(model(words[:-1], letters[:-1]), words[1:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        yield loss.item()
