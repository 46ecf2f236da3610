"""Next word: after "I love deep learning" the network learns to say "models"."""

import tinygrad_rnn as tg
from tinygrad_rnn import nn

tg.manual_seed(0)

words = ["I", "love", "deep", "learning", "models"]
number = {word: i for i, word in enumerate(words)}
sentence, follows = ["I", "love", "deep", "learning"], "models"


class NextWord(nn.Module):
    """Words -> rows of a table -> recurrent network -> a score for each word."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(len(words), 4)
        self.rnn = nn.RNN(4, 8)
        self.output = nn.Linear(8, len(words))

    def forward(self, ids: tg.Tensor) -> tg.Tensor:
        states, _ = self.rnn(self.embedding(ids))
        scores: tg.Tensor = self.output(states)
        return scores


model = NextWord()
optimizer = tg.optim.SGD(model.parameters(), lr=0.1)
ids = tg.tensor([number[word] for word in sentence])
target = tg.tensor([number[follows]])

print("step    loss  p(models)")
for step in range(301):
    scores = model(ids)[-1:]  # after the last word
    loss = nn.functional.cross_entropy(scores, target)
    if step in (0, 1, 3, 10, 30, 100, 300):
        print(f"{step:4d}  {loss.item():6.4f}  {tg.softmax(scores, dim=-1)[0, number[follows]].item():9.4f}")
    if step < 300:
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

print("\nword       what it expects next")
probabilities = tg.softmax(model(ids), dim=-1)
for word, row in zip(sentence, probabilities.tolist(), strict=True):
    print(f"{word:9s}  " + "  ".join(f"{name} {p:.3f}" for name, p in zip(words, row, strict=True)))
print("Only the last row was trained. This task needs no memory: 'learning' alone says what follows.")

tg.draw(loss, title="I love deep learning -> models", labels=sentence).save("next_word.svg")
print("\npicture: next_word.svg")
