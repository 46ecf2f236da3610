"""Agents in tiny worlds and imitation: REINFORCE, actor and critic, Q-learning, a teacher, several tasks, survival."""

import copy
import itertools
from collections import deque

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import optim
from torch.distributions import Categorical, Normal


def corridor(place, action):
    """A walk on seven fields: the right end gives 1, and each step costs."""
    place = max(0, min(6, place + 2 * action - 1))
    return place, float(place == 6) - 0.1, place == 6


def chosen(draw, probs):
    """An action by its probabilities, from numbers that both libraries share."""
    return (probs.cumsum(-1) < draw.uniform(1)).sum(-1).clamp(max=probs.shape[-1] - 1)


def reinforce(draw):
    policy = draw.into(nn.Sequential(nn.Linear(7, 8), nn.ReLU(), nn.Linear(8, 2), nn.Softmax(dim=-1)))
    optimizer = optim.Adam(policy.parameters(), lr=0.01, eps=1e-6)
    while True:
        place, log_probs, rewards, done = 3, [], [], False
        while not done and len(rewards) < 8:
            probs = policy(F.one_hot(torch.tensor(place), 7).float())
            m = Categorical(probs)
            action = chosen(draw, probs.detach())
            log_probs.append(m.log_prob(action))
            place, reward, done = corridor(place, action.item())
            rewards.append(reward)
        R, returns = 0, deque()
        for r in rewards[::-1]:
            R = r + 0.99 * R
            returns.appendleft(R)
        returns = torch.tensor(list(returns))
        returns = (returns - returns.mean()) / (returns.std() + 0.01)
        policy_loss = torch.stack([-log_prob * R for log_prob, R in zip(log_probs, returns)]).sum()  # noqa: B905
        optimizer.zero_grad()
        policy_loss.backward()
        optimizer.step()
        yield policy_loss.item()


def actor_and_critic(draw):
    class Policy(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn, self.action_head, self.value_head = nn.LSTMCell(7, 8), nn.Linear(8, 2), nn.Linear(8, 1)

        def forward(self, x, state):
            hx, cx = self.rnn(x, state)
            return self.value_head(hx), self.action_head(hx), (hx, cx)

    model = draw.into(Policy())
    optimizer = optim.RMSprop(model.parameters(), lr=1e-3, eps=1e-4)
    while True:
        place, state, entropies = 3, (torch.zeros(1, 8), torch.zeros(1, 8)), []
        values, log_probs, rewards = [], [], []
        for _ in range(5):
            value, logit, state = model(torch.eye(7)[place : place + 1], state)
            prob, log_prob = F.softmax(logit, dim=-1), F.log_softmax(logit, dim=-1)
            entropies.append(-(log_prob * prob).sum(1))
            action = chosen(draw, prob.detach()[0]).view(1, 1)
            place, reward, done = corridor(place, action.item())
            place = 3 if done else place
            values.append(value)
            log_probs.append(log_prob.gather(1, action))
            rewards.append(reward)
        R = model(torch.eye(7)[place : place + 1], state)[0].detach()
        values.append(R)
        gae, policy_loss, value_loss = torch.zeros(1, 1), 0, 0
        for i in reversed(range(5)):
            R = 0.99 * R + rewards[i]
            value_loss = value_loss + 0.5 * (R - values[i]).pow(2)
            delta = rewards[i] + 0.99 * values[i + 1].detach() - values[i].detach()
            gae = gae * 0.99 * 0.95 + delta
            policy_loss = policy_loss - log_probs[i] * gae - 0.01 * entropies[i]
        loss = (policy_loss + 0.5 * value_loss).sum()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 40)
        optimizer.step()
        yield loss.item()


def clipped_policy(draw):
    actor, critic = draw.into(nn.Linear(3, 2)), draw.into(nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1)))
    log_std = nn.Parameter(torch.zeros(2))
    optimizer = optim.Adam([*actor.parameters(), *critic.parameters(), log_std], lr=3e-3, eps=1e-5)
    while True:
        obs, noise = draw.normal(12, 3), draw.normal(12, 2)
        with torch.no_grad():
            old = Normal(actor(obs), log_std.exp())
            actions = old.mean + old.stddev * noise
            before = old.log_prob(actions).sum(-1)
            returns = -(actions - obs[:, :2]).pow(2).sum(-1)
            advantages = returns - critic(obs).squeeze(-1)
            advantages = (advantages - advantages.mean()) / (advantages.std(unbiased=False) + 1e-8)
        for rows in torch.arange(12).view(3, 4).unbind():
            dist = Normal(actor(obs[rows]), log_std.exp())
            ratio = (dist.log_prob(actions[rows]).sum(-1) - before[rows]).exp()
            surr = torch.min(ratio * advantages[rows], torch.clamp(ratio, 0.8, 1.2) * advantages[rows])
            value_loss = F.huber_loss(critic(obs[rows]).squeeze(-1), returns[rows])
            loss = -surr.mean() + 0.5 * value_loss - 0.01 * dist.entropy().sum(-1).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        yield loss.item()


def deep_q_learning(draw):
    policy_net = draw.into(nn.Sequential(nn.Linear(7, 12), nn.ReLU(), nn.Linear(12, 2)))
    target_net = copy.deepcopy(policy_net)
    memory, place = deque(maxlen=40), 3
    optimizer, criterion = optim.AdamW(policy_net.parameters(), lr=3e-3, amsgrad=True, eps=1e-6), nn.SmoothL1Loss()
    for step in itertools.count():
        greedy = draw.uniform(1).item() > 0.5 * 0.95**step
        with torch.no_grad():
            best = policy_net(torch.eye(7)[place]).max(0).indices.item()
        action = best if greedy else draw.integers(0, 2, 1).item()
        after, reward, done = corridor(place, action)
        memory.append((place, action, reward, None if done else after))
        place = 3 if done else after
        batch = [memory[i] for i in draw.integers(0, len(memory), 6).tolist()]
        states, actions, rewards, nexts = zip(*batch)  # noqa: B905
        mask = torch.tensor([s is not None for s in nexts])
        values = policy_net(torch.eye(7)[list(states)]).gather(1, torch.tensor(actions).unsqueeze(1))
        next_values = torch.zeros(6)
        with torch.no_grad():
            rest = [s for s in nexts if s is not None]
            next_values[mask] = target_net(torch.eye(7)[rest]).max(1).values
        loss = criterion(values, (next_values * 0.9 + torch.tensor(rewards)).unsqueeze(1))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_value_(policy_net.parameters(), 100)
        optimizer.step()
        target, source = target_net.state_dict(), policy_net.state_dict()
        for key in source:
            target[key] = source[key] * 0.1 + target[key] * 0.9
        target_net.load_state_dict(target)
        yield loss.item()


def distillation(draw):
    teacher = draw.into(nn.Sequential(nn.Linear(6, 20), nn.GELU(), nn.Linear(20, 4))).eval()
    student = draw.into(nn.Sequential(nn.Linear(6, 5), nn.GELU(), nn.Linear(5, 4)))
    teacher.requires_grad_(False)
    optimizer, T = optim.Adam(student.parameters(), lr=0.01, eps=1e-6), 2.0
    kl = nn.KLDivLoss(reduction="batchmean", log_target=True)
    while True:
        x = draw.normal(12, 6)
        soft, logits = F.log_softmax(teacher(x) / T, dim=1), student(x)
        hard = F.cross_entropy(logits, teacher(x).argmax(1), label_smoothing=0.05)
        loss = 0.7 * T * T * kl(F.log_softmax(logits / T, dim=1), soft) + 0.3 * hard
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def uncertain_tasks(draw):
    class MultiTask(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.LSTM(3, 8, batch_first=True, proj_size=5)
            self.heads = nn.ModuleDict({"level": nn.Linear(5, 1), "kind": nn.Linear(5, 3), "tags": nn.Linear(5, 4)})
            self.log_vars = nn.ParameterDict({name: nn.Parameter(torch.zeros(())) for name in self.heads})

        def forward(self, x):
            last = self.body(x)[1][0].squeeze(0)
            return {name: head(last) for name, head in self.heads.items()}

    model = draw.into(MultiTask())
    optimizer = optim.Adam(model.parameters(), lr=5e-3, eps=1e-6)
    while True:
        x = draw.normal(5, 4, 3)
        out, total = model(x), 0.0
        losses = {
            "level": F.l1_loss(out["level"].squeeze(1), x.sum((1, 2))),
            "kind": F.cross_entropy(out["kind"], x.sum(1).argmax(1), weight=torch.tensor([1.0, 2.0, 0.5])),
            "tags": F.multilabel_soft_margin_loss(out["tags"], (x.mean(2) > 0).float()),
        }
        for name, loss in losses.items():
            total = total + torch.exp(-model.log_vars[name]) * loss + model.log_vars[name]
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        yield total.item()


def ranking(draw):
    scorer = draw.into(nn.Bilinear(3, 4, 1))
    optimizer = optim.SGD(scorer.parameters(), lr=0.05)
    scheduler = optim.lr_scheduler.CyclicLR(optimizer, base_lr=0.01, max_lr=0.1, step_size_up=5)
    while True:
        query, good, bad = draw.normal(8, 3), draw.normal(8, 4), draw.normal(8, 4)
        order = torch.sign((query * (good - bad)[:, :3]).sum(1, keepdim=True))
        a, b = scorer(query, good), scorer(query, bad)
        loss = F.margin_ranking_loss(a, b, order, margin=0.5) + 0.1 * F.soft_margin_loss(a - b, order)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        yield loss.item()


def proportional_hazards(draw):
    net = draw.into(nn.Sequential(nn.Linear(4, 6), nn.CELU(), nn.Linear(6, 1, bias=False)))
    optimizer = optim.NAdam(net.parameters(), lr=0.01, eps=1e-6)
    while True:
        x = draw.normal(10, 4)
        times = -torch.log(draw.uniform(10) + 1e-3) * torch.exp(-x[:, 0])
        happened, order = (draw.uniform(10) < 0.7).float(), torch.argsort(times, descending=True)
        risk = net(x)[order].squeeze(1)
        loss = -((risk - torch.logcumsumexp(risk, dim=0)) * happened[order]).sum() / happened.sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()
