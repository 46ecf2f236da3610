"""Rows of noisy waves are classified by an LSTM, with a DataLoader, as images are row by row."""

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

# Device configuration
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

# Hyper-parameters
sequence_length = 12
input_size = 4
hidden_size = 16
num_layers = 2
num_classes = 3
batch_size = 20
num_epochs = 3
learning_rate = 0.01

rng = np.random.default_rng(5)
labels = rng.integers(0, num_classes, 120)
phase = rng.uniform(0, 2 * np.pi, (120, 1, input_size))
waves = np.sin((labels[:, None, None] + 1) * 0.4 * np.arange(sequence_length)[None, :, None] + phase)
images = torch.tensor(waves + 0.1 * rng.standard_normal(waves.shape), dtype=torch.float32)
targets = torch.tensor(labels)
train_loader = DataLoader(dataset=TensorDataset(images[:90], targets[:90]), batch_size=batch_size, shuffle=False)
test_loader = DataLoader(dataset=TensorDataset(images[90:], targets[90:]), batch_size=batch_size, shuffle=False)


# Recurrent neural network (many-to-one)
class RNN(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers, num_classes):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.lstm = nn.LSTM(input_size, hidden_size, num_layers, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(hidden_size * 2, num_classes)  # 2 for bidirection

    def forward(self, x):
        # Set initial hidden and cell states
        h0 = torch.zeros(self.num_layers * 2, x.size(0), self.hidden_size).to(device)
        c0 = torch.zeros(self.num_layers * 2, x.size(0), self.hidden_size).to(device)

        # Forward propagate LSTM
        out, _ = self.lstm(x, (h0, c0))  # out: tensor of shape (batch_size, seq_length, hidden_size * 2)

        # Decode the hidden state of the last time step
        return self.fc(out[:, -1, :])


model = RNN(input_size, hidden_size, num_layers, num_classes).to(device)
state = {name: torch.tensor(rng.uniform(-0.25, 0.25, p.shape)) for name, p in model.state_dict().items()}
print(model.load_state_dict(state))

# Loss and optimizer
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)

# Train the model
total_step = len(train_loader)
for epoch in range(num_epochs):
    model.train()
    for i, (images, labels) in enumerate(train_loader):
        images = images.reshape(-1, sequence_length, input_size).to(device)
        labels = labels.to(device)

        # Forward pass
        outputs = model(images)
        loss = criterion(outputs, labels)

        # Backward and optimize
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

        print(f"Epoch [{epoch + 1}/{num_epochs}], Step [{i + 1}/{total_step}], Loss: {loss.item():.6f}")

# Test the model
model.eval()
with torch.no_grad():
    correct = 0
    total = 0
    for images, labels in test_loader:
        outputs = model(images.to(device))
        _, predicted = torch.max(outputs.data, 1)
        total += labels.size(0)
        correct += (predicted == labels).sum().item()
    print(f"Test Accuracy of the model on the {total} test sequences: {100 * correct / total} %")
