"""Linear regression on a handful of points."""

import numpy as np
import torch
import torch.nn as nn

# Hyper-parameters
input_size = 1
output_size = 1
num_epochs = 60
learning_rate = 0.001

# Toy dataset
x_train = np.array([[3.3], [4.4], [5.5], [6.71], [6.93], [4.168], [9.779], [6.182], [7.59], [2.167]], dtype=np.float32)
y_train = np.array([[1.7], [2.76], [2.09], [3.19], [1.694], [1.573], [3.366], [2.596], [2.53], [1.221]], np.float32)

# Linear regression model
model = nn.Linear(input_size, output_size)
with torch.no_grad():
    model.weight.fill_(-0.5)
    model.bias.fill_(0.3)

# Loss and optimizer
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)

# Train the model
for epoch in range(num_epochs):
    # Convert numpy arrays to torch tensors
    inputs = torch.from_numpy(x_train)
    targets = torch.from_numpy(y_train)

    # Forward pass
    outputs = model(inputs)
    loss = criterion(outputs, targets)

    # Backward and optimize
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

    if (epoch + 1) % 5 == 0:
        print("Epoch [{}/{}], Loss: {:.6f}".format(epoch + 1, num_epochs, loss.item()))  # noqa: UP032

predicted = model(torch.from_numpy(x_train)).detach().numpy()
print("predicted:", *(f"{value:.5f}" for value in predicted[:, 0]))
for name, param in model.named_parameters():
    print(name, param.shape, param.data.view(-1).tolist())
print(model.state_dict()["weight"].item(), model(torch.tensor([4.0])).item())
