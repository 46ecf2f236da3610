"""A script as they were written in the days of Variable: a classifier on one-hot letters, and a hand-made update."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim
from torch.autograd import Variable

torch.manual_seed(777)  # reproducibility

idx2char = ["h", "i", "e", "l", "o"]

# Teach hihell -> ihello
x_data = [[0, 1, 0, 2, 3, 3]]
x_one_hot = [
    [
        [1, 0, 0, 0, 0],
        [0, 1, 0, 0, 0],
        [1, 0, 0, 0, 0],
        [0, 0, 1, 0, 0],
        [0, 0, 0, 1, 0],
        [0, 0, 0, 1, 0],
    ]
]
y_data = [1, 0, 2, 3, 3, 4]

# As we have one batch of samples, we will change them to variables only once
inputs = Variable(torch.Tensor(x_one_hot))
labels = Variable(torch.LongTensor(y_data))

num_classes = 5
input_size = 5
hidden_size = 5
batch_size = 1
sequence_length = 6
num_layers = 1


class RNN(nn.Module):
    def __init__(self, num_classes, input_size, hidden_size, num_layers):
        super(RNN, self).__init__()  # noqa: UP008
        self.num_classes = num_classes
        self.num_layers = num_layers
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.rnn = nn.RNN(input_size=5, hidden_size=5, batch_first=True)

    def forward(self, x):
        # Initialize hidden and cell states
        h_0 = Variable(torch.zeros(self.num_layers, x.size(0), self.hidden_size))
        # Reshape input
        x = x.view(x.size(0), sequence_length, self.input_size)
        out, _ = self.rnn(x, h_0)
        return out.contiguous().view(-1, num_classes)


rnn = RNN(num_classes, input_size, hidden_size, num_layers)
values = np.random.RandomState(777)
for p in rnn.parameters():
    p.data = torch.FloatTensor(values.uniform(-0.4, 0.4, p.data.size()))

criterion = torch.nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(rnn.parameters(), lr=0.1)

for epoch in range(40):
    outputs = rnn(inputs)
    optimizer.zero_grad()
    loss = criterion(outputs, labels)
    loss.backward()
    optimizer.step()
    _, idx = outputs.max(1)
    idx = idx.data.numpy()
    result_str = [idx2char[c] for c in idx.squeeze()]
    if epoch % 4 == 3:
        print("epoch: %d, loss: %1.4f" % (epoch + 1, loss.data.item()), "Predicted string:", "".join(result_str))  # noqa: UP031

# A loop over weights by hand, as before optim was common
x_data, y_data = [1.0, 2.0, 3.0], [2.0, 4.0, 6.0]
w = Variable(torch.Tensor([1.0]), requires_grad=True)
for epoch in range(5):
    for x_val, y_val in zip(x_data, y_data):  # noqa: B905
        l = (x_val * w - y_val) * (x_val * w - y_val)  # noqa: E741
        l.backward()
        w.data = w.data - 0.01 * w.grad.data
        # Manually zero the gradients after updating weights
        w.grad.data.zero_()
    print("progress:", epoch, l.data[0].item())
print("predict (after training)", 4, (4 * w).data[0].item())

# Softmax, gather and the like on Variables
scores = Variable(torch.FloatTensor([[1, 2, 0.5], [0.1, 0.2, 3]]), requires_grad=True)
probabilities = F.softmax(scores, dim=1)
picked = probabilities.gather(1, Variable(torch.LongTensor([[1], [2]]))).squeeze(1)
(-picked.log()).mean().backward()
print(scores.grad.data.numpy().round(5).tolist(), probabilities.data.max(1)[1].tolist())
print(type(scores.data).__name__, scores.data.type(), labels.data.type(), scores.size(), scores.data.numpy().dtype)
