"""Word embeddings by an N-gram language model and skip-grams, and a tagger by LSTM."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim

torch.manual_seed(1)
rng = np.random.default_rng(1)
CONTEXT_SIZE = 2
EMBEDDING_DIM = 10


def fill(module):
    with torch.no_grad():
        for name, param in module.named_parameters():
            param.normal_()  # drawn by the library, and replaced by numbers of numpy
            param.copy_(torch.as_tensor(rng.normal(0, 1.0 if "embed" in name else 0.2, param.shape)))
    return module


test_sentence = """When forty winters shall besiege thy brow,
And dig deep trenches in thy beauty's field,
Thy youth's proud livery so gazed on now,
Will be a totter'd weed of small worth held""".split()  # noqa: SIM905
ngrams = [(test_sentence[i - CONTEXT_SIZE : i], test_sentence[i]) for i in range(CONTEXT_SIZE, len(test_sentence))]
vocab = sorted(set(test_sentence))
word_to_ix = {word: i for i, word in enumerate(vocab)}


class NGramLanguageModeler(nn.Module):
    def __init__(self, vocab_size, embedding_dim, context_size):
        super().__init__()
        self.embeddings = nn.Embedding(vocab_size, embedding_dim)
        self.linear1 = nn.Linear(context_size * embedding_dim, 32)
        self.linear2 = nn.Linear(32, vocab_size)

    def forward(self, inputs):
        embeds = self.embeddings(inputs).view((1, -1))
        out = F.relu(self.linear1(embeds))
        out = self.linear2(out)
        log_probs = F.log_softmax(out, dim=1)
        return log_probs


losses = []
loss_function = nn.NLLLoss()
model = fill(NGramLanguageModeler(len(vocab), EMBEDDING_DIM, CONTEXT_SIZE))
optimizer = optim.SGD(model.parameters(), lr=0.02)
for _ in range(6):
    total_loss = 0
    for context, target in ngrams:
        context_idxs = torch.tensor([word_to_ix[w] for w in context], dtype=torch.long)
        model.zero_grad()
        log_probs = model(context_idxs)
        loss = loss_function(log_probs, torch.tensor([word_to_ix[target]], dtype=torch.long))
        loss.backward()
        optimizer.step()
        # Get the Python number from a 1-element Tensor by calling tensor.item()
        total_loss += loss.item()
    losses.append(round(total_loss, 4))
print(losses)  # The loss decreased every iteration over the training data!
print([round(each, 5) for each in model.embeddings.weight[word_to_ix["brow,"]].tolist()])

# Skip-grams with negative samples
centre = fill(nn.Embedding(len(vocab), EMBEDDING_DIM))
around = fill(nn.Embedding(len(vocab), EMBEDDING_DIM))
optimizer = optim.Adamax([*centre.parameters(), *around.parameters()], lr=0.05)
ids = torch.tensor([word_to_ix[word] for word in test_sentence])
for epoch in range(10):
    negatives = torch.from_numpy(rng.integers(0, len(vocab), (len(ids) - 1, 4)))
    v = centre(ids[:-1]).unsqueeze(2)
    positive = torch.bmm(around(ids[1:]).unsqueeze(1), v).squeeze()
    negative = torch.bmm(around(negatives), v).squeeze(2)
    loss = -(F.logsigmoid(positive) + F.logsigmoid(-negative).sum(1)).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"skip-grams {epoch} {loss.item():.5f}")
similarity = F.normalize(centre.weight, dim=1) @ F.normalize(centre.weight, dim=1).t()
values, indices = similarity.fill_diagonal_(-1).max(dim=1)
print(f"{values[0].item():.5f}", indices[:5].tolist())
print(F.cosine_similarity(centre.weight[:3], around.weight[:3]).tolist())

# Tagging
training_data = [
    (["The", "dog", "ate", "the", "apple"], ["DET", "NN", "V", "DET", "NN"]),
    (["Everybody", "read", "that", "book"], ["NN", "V", "DET", "NN"]),
]
tag_words: dict[str, int] = {}
for sent, _ in training_data:
    for word in sent:
        tag_words.setdefault(word, len(tag_words))
tag_to_ix = {"DET": 0, "NN": 1, "V": 2}


class LSTMTagger(nn.Module):
    def __init__(self, embedding_dim, hidden_dim, vocab_size, tagset_size):
        super().__init__()
        self.word_embeddings = nn.Embedding(vocab_size, embedding_dim)
        self.lstm = nn.LSTM(embedding_dim, hidden_dim)
        self.hidden2tag = nn.Linear(hidden_dim, tagset_size)

    def forward(self, sentence):
        embeds = self.word_embeddings(sentence)
        lstm_out, _ = self.lstm(embeds.view(len(sentence), 1, -1))
        tag_space = self.hidden2tag(lstm_out.view(len(sentence), -1))
        return F.log_softmax(tag_space, dim=1)


model = fill(LSTMTagger(6, 6, len(tag_words), len(tag_to_ix)))
optimizer = optim.SGD(model.parameters(), lr=0.1)
for epoch in range(60):
    for sentence, tags in training_data:
        model.zero_grad()
        sentence_in = torch.tensor([tag_words[w] for w in sentence], dtype=torch.long)
        targets = torch.tensor([tag_to_ix[t] for t in tags], dtype=torch.long)
        tag_scores = model(sentence_in)
        loss = loss_function(tag_scores, targets)
        loss.backward()
        optimizer.step()
    if epoch % 10 == 9:
        print(f"tagger {epoch} {loss.item():.5f}")
with torch.no_grad():
    tag_scores = model(torch.tensor([tag_words[w] for w in training_data[0][0]]))
    print(tag_scores.argmax(1).tolist(), [f"{each:.4f}" for each in tag_scores.exp().max(1).values])
