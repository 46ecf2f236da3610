"""Names are classified by a character-level RNN built from two linear layers."""

import string

import numpy as np
import torch
import torch.nn as nn

all_letters = string.ascii_letters + " .,;'"
n_letters = len(all_letters)
category_lines = {
    "Italian": ["Rossi", "Bianchi", "Esposito", "Ricci", "Marino", "Conti"],
    "Dutch": ["van Dijk", "de Vries", "Bakker", "Visser", "Meijer", "Dekker"],
    "Polish": ["Nowak", "Kowalski", "Wisniewski", "Zielinski", "Wojcik", "Kaminski"],
}
all_categories = list(category_lines)
n_categories = len(all_categories)


def letterToIndex(letter):
    return all_letters.find(letter)


# Turn a line into a <line_length x 1 x n_letters>, or an array of one-hot letter vectors
def lineToTensor(line):
    tensor = torch.zeros(len(line), 1, n_letters)
    for li, letter in enumerate(line):
        tensor[li][0][letterToIndex(letter)] = 1
    return tensor


class RNN(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.i2h = nn.Linear(input_size + hidden_size, hidden_size)
        self.i2o = nn.Linear(hidden_size, output_size)
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, input, hidden):
        combined = torch.cat((input, hidden), 1)
        hidden = torch.tanh(self.i2h(combined))
        output = self.softmax(self.i2o(hidden))
        return output, hidden

    def initHidden(self):
        return torch.zeros(1, self.hidden_size)


rnn = RNN(n_letters, 32, n_categories)
rng = np.random.default_rng(7)
for p in rnn.parameters():
    nn.init.zeros_(p)
    p.data.add_(torch.from_numpy(rng.normal(0, 0.15, p.size())).float())


def categoryFromOutput(output):
    _top_n, top_i = output.topk(1)
    category_i = top_i[0].item()
    return all_categories[category_i], category_i


criterion = nn.NLLLoss()
learning_rate = 0.01


def train(category_tensor, line_tensor):
    hidden = rnn.initHidden()
    rnn.zero_grad()
    for i in range(line_tensor.size()[0]):
        output, hidden = rnn(line_tensor[i], hidden)
    loss = criterion(output, category_tensor)
    loss.backward()

    # Add parameters' gradients to their values, multiplied by learning rate
    for p in rnn.parameters():
        p.data.add_(p.grad.data, alpha=-learning_rate)
    return output, loss.item()


current_loss = 0
for iter in range(1, 601):
    category = all_categories[iter % n_categories]
    line = category_lines[category][rng.integers(6)]
    category_tensor = torch.tensor([all_categories.index(category)], dtype=torch.long)
    output, loss = train(category_tensor, lineToTensor(line))
    current_loss += loss
    if iter % 100 == 0:
        guess, guess_i = categoryFromOutput(output)
        correct = "correct" if guess == category else f"wrong ({category})"
        print("%d%% %.5f %s / %s %s" % (iter / 600 * 100, current_loss / 100, line, guess, correct))  # noqa: UP031
        current_loss = 0

# Keep track of correct guesses in a confusion matrix
confusion = torch.zeros(n_categories, n_categories)
with torch.no_grad():
    for i, category in enumerate(all_categories):
        for line in category_lines[category]:
            hidden = rnn.initHidden()
            for letter in lineToTensor(line):
                output, hidden = rnn(letter, hidden)
            confusion[i][categoryFromOutput(output)[1]] += 1
# Normalize by dividing every row by its sum
for i in range(n_categories):
    confusion[i] = confusion[i] / confusion[i].sum()
print(confusion.numpy().round(4).tolist())

topv, topi = output.topk(2, 1, True)
for i in range(2):
    print("(%.4f) %s" % (topv[0][i].item(), all_categories[topi[0][i].item()]))  # noqa: UP031
