"""Many graphs in every view that applies, looked at for what an eye would stumble over."""

import re
import sys
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import replace
from html import unescape
from itertools import combinations, product
from typing import Any

import pytest

import tinygrad_rnn as tg
from tests.viz.facts import parts_of
from tests.viz.inside import base, chain_of, label, render_module, text_width
from tests.viz.many import GRAPHS, made, weights
from tests.viz.seen import seen
from tests.viz.telling import told
from tinygrad_rnn import Tensor, nn
from tinygrad_rnn.viz import scene_of


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of them: every version of graphviz lays out in its own way."""
    monkeypatch.setenv("TINYGRAD_RNN_DOT", "graphviz-pure")


VIEWS = ("auto", "full", "chain", "cells", "modules", "rolled")
PARTS = 6
#: What is asked for by name is drawn, however large: of these auto shows the only view that can be read.
LARGE = {"generator", "encoder 6"}


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_no_picture_has_a_fault(part: int) -> None:
    """Of every graph the same picture, which two views may give, is looked at once."""
    wrong, drawn = {}, Counter[str]()
    for name in list(GRAPHS)[part::PARTS]:
        looked: set[str] = set()
        tg.manual_seed(1)
        loss = GRAPHS[name]()
        for view in VIEWS:
            try:
                picture = tg.draw(loss, view=view)
            except ValueError as error:
                assert re.search(r"no (time steps|states|scopes)|up to (8 steps|150 operations)|too many", str(error))
                continue
            drawn[view] += 1
            if (key := f"{picture.placed} {picture.dot}") not in looked:
                looked.add(key)
                faults = seen(picture, loops=re.search("<B>every (step|block)", picture.dot) is not None)
                if name in LARGE and view != "auto":
                    faults = replace(faults, too_small=[], tape=[], tower=[])
                if words := str(faults):
                    wrong[name, view] = words
                high = int(re.findall(r'<svg [^>]*height="(\d+)', picture.svg)[0])
                if view == "auto" and high > 3400:  # two screens of a notebook
                    wrong[name, view] = f"{high} points high"
    assert wrong == {} and len(GRAPHS) >= 60 and all(drawn[view] > 35 / PARTS for view in VIEWS), drawn


@pytest.mark.slow
def test_the_eye_sees() -> None:
    picture = made("three linears", "full")
    assert not seen(picture).over_cards
    moved = re.sub(r"rankdir=\w+", "rankdir=RL", picture.dot)
    picture.dot = moved
    assert seen(picture).against_time
    stairs = made("words and letters", "modules")
    stairs.dot = re.sub(r"(?m)^(w\d -> [nb]|[nb]\d+ -> u).*", "", stairs.dot)
    assert seen(stairs).against_time == [f"t = {b} at the left of t = {a}" for a, b in ((1, 2), (1, 3), (2, 3))]
    both = made("models.bidirectional", "modules")
    both.dot = both.dot.replace("nodesep=0.25", "nodesep=0.12")
    assert "ends where" in str(seen(both).together)
    long = made("mlp 16", "full")
    long.dot = re.sub(r"rankdir=\w+", "rankdir=LR ratio=0.1", long.dot)
    assert seen(long).too_small and seen(long).tape
    factor = tg.draw(tg.tensor(1.0, requires_grad=True) * 4, direction="down")
    assert not seen(factor).through_text
    factor.dot = re.sub("label=<<TABLE.*\u00d7 4.*TABLE>>", 'label="x 4"', factor.dot)
    assert any("x 4" in words for words in seen(factor).through_text)


def test_what_is_settled_after_graphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    """Titles stand beside the lines, values beside their gradients, and loops run around what is between."""
    experts, gru = made("experts", "modules"), made("gru 3", "rolled")
    found = [seen(experts), seen(gru)]
    assert not any(each.through_text or each.hidden or each.astray for each in found)
    monkeypatch.setattr(render_module, "settled", lambda text, place: place(text))
    assert "'experts.2'" in str(seen(experts).through_text) and seen(gru).hidden
    assert seen(made("characters", "rolled")).astray


@pytest.mark.parametrize("view", ["full", "modules"])
def test_siblings_stand_in_the_order_of_their_calls(view: str) -> None:
    found = re.findall(r'<text [^>]*\bx="([\d.]+)"[^>]*>(experts\.\d)<', made("experts", view).svg)
    assert [name for _, name in sorted(found, key=lambda each: float(each[0]))] == [f"experts.{n}" for n in range(3)]


@pytest.mark.slow
def test_formulas_that_two_lines_have_room_for_are_whole() -> None:
    cut, whole = [], 0
    for name in GRAPHS.keys() - {"T 200", "T 5000"}:
        tg.manual_seed(1)
        picture = tg.draw(GRAPHS[name](), view="full", force=True)
        words = re.sub(r"\s", "", unescape(re.sub("<[^>]*>", "", picture.dot)))
        cut += [name] * (">=<" in picture.dot)  # alone in a line
        for node in picture.scene.nodes:
            formula = f"= {node.formula}"
            if node.symbol and text_width(formula, 10) < 150 and max(map(len, formula.split())) <= 15:
                whole += 1
                # What a name is in the frame of its module.
                inside = re.sub(r"\b(?:[A-Za-z][\w ]*|\d+(?=\.[a-z]))\.(?!mT)", "", formula)
                cut += [formula] * all(re.sub(r"\s", "", each) not in words for each in (formula, inside))
    assert cut == [] and whole > 1000


@pytest.mark.slow
def test_what_is_cut_can_be_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    said, alike, cut = defaultdict[str, set[str]](set), [], 0
    for word, shorten in ("fit", label.fit), ("lines_of", label.lines_of):

        def watched(text: str, *room: Any, shorten: Any = shorten, **looks: Any) -> Any:
            shown = shorten(text, *room, **looks)
            said[shown if isinstance(shown, str) else " ".join(shown)].add(text)
            return shown

        for module in [each for path, each in sys.modules.items() if path.startswith("tinygrad_rnn.viz.")]:
            if getattr(module, word, None) is shorten:
                monkeypatch.setattr(module, word, watched)
    for name, view in product(GRAPHS.keys() - {"T 200", "T 5000"}, VIEWS[1:]):
        said.clear()
        label.worded.cache_clear()
        tg.manual_seed(1)
        with suppress(ValueError):
            tg.draw(GRAPHS[name](), view=view, force=True)
        texts = {shown: {text for text in whole if ".." not in text} for shown, whole in said.items() if ".." in shown}
        alike += [(name, view, shown, whole) for shown, whole in texts.items() if len(whole) > 1]
        cut += sum(map(len, texts.values()))
    assert alike == [] and cut > 30


@pytest.mark.slow
def test_what_goes_on_is_named_once_and_strips_are_written_alike() -> None:
    wrong, seen_ends = [], 0
    for name in GRAPHS.keys() - {"T 200", "T 5000"}:
        tg.manual_seed(1)
        dot = tg.draw(GRAPHS[name](), view="full", force=True).dot
        ends = re.findall(r'(?m)^on\d+ \[pos="(.*?),(.*?)!" label=<(.*)>\]', dot)
        seen_ends += len(ends)
        near = [(a, b) for a, b in combinations(ends, 2) if a[::2] == b[::2] and abs(float(a[1]) - float(b[1])) < 20]
        strips = [words[0] for words in re.findall(r">(\|?dL/d[^<]*)<", "".join(re.findall(r"(?m)^s\d+ .*", dot)))]
        wrong += [name] * (bool(near) or len({*strips}) > 1)
    assert wrong == [] and seen_ends > 50


@pytest.mark.slow
def test_sizes_in_words_are_those_of_what_is_drawn() -> None:
    told = 0
    for name in ("lstm 5", "lstm by hand", "seq2seq", "characters", "gru 2 layers"):
        tg.manual_seed(1)
        loss = GRAPHS[name]()
        found = re.search("in full it is ([\\d,]+) points wide(?: and ([\\d,]+) high)?", tg.draw(loss).dot)
        svg = re.search(r'<svg width="(\d+).*?" height="(\d+)', tg.draw(loss, view="full").svg)
        for words, drawn in zip(found.groups() if found else (), svg.groups() if svg else (), strict=False):
            told += words is not None
            assert words is None or float(words.replace(",", "")) == pytest.approx(float(drawn), rel=0.03), name
    assert told == 10


@pytest.mark.slow
def test_what_loops_begin_with_is_called_so() -> None:
    """Inputs are drawn at random, states begin with zeros: none of these is an input, and a sum's no state."""
    begins = Counter[str]()
    for name in GRAPHS.keys() - {"T 200", "T 5000"}:
        tg.manual_seed(1)
        scene = tg.draw(GRAPHS[name](), view="full", force=True).scene
        leaves = [node for node in scene.nodes if not node.symbol and node.kind != "parameter"]
        filled = {
            base(node.name, node.step) for node in leaves if node.value.any()
        }  # what is 0 in some steps is an input all the same
        zeros = [node for node in leaves if node.value.size > 1 and base(node.name, node.step) not in filled]
        assert not any(node.formula == "input" for node in zeros), name
        begins.update(node.formula for node in leaves)
    assert begins["start of a total"] == 3 and begins["start state"] > 50  # of seq2seq, truncated


def unrolled(h: Any, *, letters: bool = False) -> Any:
    """Three steps by hand, in each of which another loop may begin with zeros."""
    A, B, C, D = weights(3, 2), weights(3, 3), weights(3, 3), weights(3, 3)
    for _ in range(3):
        c = tg.zeros(3)
        for _ in range(2 if letters else 0):
            c = tg.tanh(A @ tg.randn(2) + B @ c)
        h = tg.tanh((C @ c if letters else A @ tg.randn(2)) + D @ h)
    return h.sum()


def test_nothing_is_called_cut_where_nothing_came_in() -> None:
    tracked = weights(3) * 2
    changed = tg.zeros(3)
    changed.detach()  # before it had a history
    changed += tracked
    for start, words in (
        (tg.zeros(3).detach(), "start state"),
        (tg.zeros(3).detach().detach(), "start state"),
        (tracked.detach(), "cut here: detached"),
        (tracked.detach().detach(), "cut here: detached"),
        (changed.detach(), "cut here: detached"),
    ):
        leaves = [node for node in tg.draw(unrolled(start)).scene.nodes if not node.symbol]
        first = next(node for node in leaves if node.formula not in ("parameter", "input"))
        assert (first.formula, first.cut) == (words, words.startswith("cut"))


def test_zeros_that_a_loop_inside_a_step_begins_with_are_no_input() -> None:
    nodes = tg.draw(unrolled(tg.zeros(3), letters=True), force=True, view="full").scene.nodes
    leaves = [node for node in nodes if not node.symbol and node.kind != "parameter"]
    said = [(node.formula, bool(node.value.any())) for node in leaves]
    assert sorted(said) == [("input", True)] * 6 + [("start state", False)] * 4


@pytest.mark.parametrize("make", [nn.Parameter, lambda start: start.requires_grad_()])
@pytest.mark.parametrize("view", ["full", "modules"])
def test_a_learnt_start_is_counted_among_the_parameters(make: Any, view: str) -> None:
    cell, h = nn.RNNCell(2, 3), make(tg.zeros(3))
    for t in (1, 2, 3):
        with tg.step(t):
            h = cell(tg.randn(2), h)
    assert " 5 parameters;" in tg.draw(h.sum(), view=view).dot
    for each, green in (("full", 5), ("chain", 4)):  # both biases have the same gradient
        assert len(re.findall('BORDER="2"[^>]* COLOR="#1B7F5C"', tg.draw(h.sum(), view=each).dot)) == green


@pytest.mark.slow
def test_where_a_gradient_ends_is_said() -> None:
    ends = list[str]()
    for name in GRAPHS.keys() - {"T 200", "T 5000"}:
        tg.manual_seed(1)
        loss = GRAPHS[name]()
        scene = tg.draw(loss, view="full", force=True).scene
        if any(node.cut for node in scene.nodes) or any(edge.cut for edge in scene.edges):
            ends.append(name)
            for view in ("full", "chain", "modules"):
                assert "detached" in re.sub('tooltip="[^"]*"', "", tg.draw(loss, view=view).dot), (name, view)
    assert sorted(ends) == ["critic", "detached", "truncated"]


def test_what_loops_begin_with_has_names_of_their_own() -> None:
    said = [
        {node.name: node.formula for node in made(name, "full").scene.nodes} for name in ("T 1", "words and letters")
    ]
    assert said[0]["h0"] == said[1]["h0"] == said[1]["c_init1"] == said[1]["c_init3"] == "start state"
    assert said[0]["x1"] == said[1]["x3"] == said[1]["u3"] == "input"


@pytest.mark.slow
def test_chains_say_once_what_is_handed_on_alike() -> None:
    """Where a sum hands one gradient on to all its terms, what leads to it stands there once."""
    said, twice = 0, []
    for name in GRAPHS.keys() - {"T 200", "T 5000"}:
        tg.manual_seed(1)
        chain = chain_of(scene_of(GRAPHS[name]()))
        into = {edge.source: edge.target for edge in chain.scene.edges if edge.source in chain.links}
        found = Counter[object]()
        for edge in chain.scene.edges:
            if edge.target in chain.links and chain.links[edge.target].short:
                end = chain.scene.nodes[edge.source]
                gradient = end.gradient
                assert gradient is not None
                found[into[edge.target], chain.links[edge.target], end.frame, gradient.tobytes()] += int(gradient.any())
        said += len(found)
        for one in chain.sums:
            found[(one.total.tobytes(), *((part.frame, part.text) for part in one.parts))] += 1
        twice += [(name, key) for key, many in found.items() if many > 1]
    assert twice == [] and said > 200


@pytest.mark.slow
def test_chains_cut_no_names() -> None:
    drawn = 0
    for name in GRAPHS.keys() - {"long names", "T 200", "T 5000"}:
        try:
            dot = made(name, "chain").dot
        except ValueError:
            continue
        drawn += 1
        assert not re.search(r">[^<>]*[\w(]\.\.[\w=][^<>]*<", dot), name
    assert drawn > 40


@pytest.mark.parametrize("name", ["seq2seq", "models.attention", "docs.attention", "layer twice"])
def test_two_loops_in_one_picture_are_told_apart(name: str) -> None:
    words = {"seq2seq": ("GRU", "GRUCell"), "layer twice": ("RNN", "RNN (call 2)")}.get(name, ("encoder", "decoder"))
    for view in ("full", "chain"):
        columns = re.findall(r"\nl\d+ .*?>([^<>]+)</FONT>", made(name, view).dot)
        steps = [each.removesuffix(" RNN") for each in columns]
        assert set(steps) == {*words} and steps == sorted(steps, key=words.index)
    boxes = re.findall(r"<B>every step.*?\bt = 1 to [23]<", made(name, "rolled").dot)
    assert len(boxes) == 2
    assert all(part in box for word, box in zip(words, boxes, strict=True) for part in word.split())


def test_steps_are_written_in_one_way() -> None:
    shown = re.findall(r">([^<>]+)</", made("seq2seq", "modules").dot)
    assert "t = 1" in shown and not any("t=" in words for words in shown)


def test_the_legend_of_cells_speaks_for_all_tracks() -> None:
    shown = re.findall(r">([^<>]+)</", unescape(made("bilstm 2", "cells").dot))
    told = "bars or frames and cells: the state's gradient, on a log axis"
    assert {"one shade is x10; the sixth is that of l0/h, t = 3", told, "lower cells: what the step adds"} <= {*shown}
    alone = re.findall(r">([^<>]+)</", made("T 5", "cells").dot)
    assert "one shade is x10; the sixth is that of t = 5" in alone and any("|dL/dh|" in words for words in alone)


#: What legends say, and what is then told of the picture.
EXPLAINED = {
    "forward: (?!det)": r"\[forward",
    "forward: detached": r"\[forward cut",
    "backward: gradient": r"\[backward[^]]* g\d",
    "(?<!cell: )exactly 0": r"\[[^]]*gzero",
    "(?<!cell: )smaller than": r"\[[^]]*gtiny",
    "(?<!first )NaN or infinite": r"gbad|NaN",
    "border: first": r"NaN|inf",
    "cell: no gradient": r'\[[^]]*gnone|^HEIGHT="10" BO.*DA',
    "cell: exactly 0": r'\[[^]]*gzero|^HEIGHT="10" BGCOLOR="#C3CAD2',
    "cell: smaller than": r'\[[^]]*gtiny|^HEIGHT="10" BORDER="1" COLOR="#\w+"$',
    "plain boxes": r"(?m)^node .*\[op",
    "through .*: that": r"(?m)^node .*\bthrough .*\[op",
    "size x 2: ": r"(?m)^node .*\[op\].*\bsize x ",
    "green: parameters": r"(?m)^node sum\d|^node .*(\[(parameter|state)\]|\| dL/d)",
    "dark frame": r"(?m)^node .*\[loss\]",
    "g is what arrives": r"(?m)^node .*\bg\b.*\[op",
    "%: share": r"\d %",
    "below 0 %": r"-\d+ %",
    "100 %": r"\b(10[1-9]|1[1-9]\d|[2-9]\d\d|\d{4,}) %",
    "bars above a step": r"\[strip",
    "carries: of the last": r"carr(ies|y) x",
    "lines back": r"\[backward[^]]* g\d",
    "used several times": r"used \d+x",
    "lower cells": r"(?m)^node adds",
    "in a frame": "(?m)^carried",
    "bar above its frame": "(?m)^carried",
    "blue line": "(?m)^enters",
}


#: What they say of marks.
MARKS = {"gzero": "exactly 0", "gtiny": "maller than", "gbad": "NaN", "cut": "detached", "gradient": "How to read it"}


@pytest.mark.slow
def test_legends_explain_what_is_there() -> None:
    unsaid = {*EXPLAINED}
    for name in GRAPHS.keys() - {"T 5000"}:
        tg.manual_seed(1)
        loss = GRAPHS[name]()
        for view in ("full", "chain", "cells", "modules", "rolled"):
            try:
                dot = tg.draw(loss, view=view).dot
            except (ValueError, RuntimeError):
                continue
            marks = {*re.findall(r'(?m)^\S+ -> .* class="[^"]*\b(gzero|gtiny|gbad|cut)\b', dot)} | {"gradient"}
            assert view == "cells" or all(MARKS[mark] in dot for mark in marks), (name, view, marks)
            drawn = re.sub("(?m)^.*How to read it.*", "", dot)
            parts = defaultdict(list, {False: re.findall(r'(?m)^carried|^enters|HEIGHT="10" B[^>]*', drawn)})
            for what, words in told(parts_of(dot)).items():
                beside = "How to read it" in words or what.startswith("legend")
                parts[bool(beside)].append(
                    words.partition("How to read it")[2] or words if beside else f"{what} {words}"
                )
            for words, there in EXPLAINED.items():
                if any(re.search(words, each) for each in parts[True]):
                    assert re.search(there, "\n".join(parts[False]), re.MULTILINE), (name, view, words)
                    unsaid.discard(words)
    assert unsaid <= {"(?<!first )NaN or infinite"}  # of states, which no graph here has


def test_shades_are_told_relative_to_a_step_that_has_a_size() -> None:
    h, w = tg.zeros(2), tg.tensor([0.5, 0.5], requires_grad=True)
    loss: Tensor = tg.zeros(())
    for t in range(1, 5):
        with tg.step(t):
            h = tg.tanh(w * h + 1)
            loss = loss + (h * (t < 4)).sum()  # of the last state nothing is asked
    assert re.search(r"the sixth is that of t = 3<", tg.draw(loss, view="cells").dot)


def test_numbers_that_differ_from_step_to_step_are_not_told_as_one() -> None:
    h, w = tg.zeros(2), tg.tensor([0.5, 0.5], requires_grad=True)
    for t in range(1, 5):
        with tg.step(t):
            h = tg.tanh(w * h * (t / 10) + 1)
    dot = tg.draw(h.sum(), view="rolled").dot
    assert "(0.1 \u2192 0.4)" in dot and "+ 1 " in dot


def test_what_steps_read_in_turns_is_all_told() -> None:
    forced, clock = (
        re.sub("<[^>]*>", " ", unescape(made(name, "rolled").dot)) for name in ("teacher forcing", "clockwork")
    )
    assert re.search(r"@\s+\(given\[t\]\s+or guess\[t-1\]\)|@\s+\(guess\[t-1\]\s+or given\[t\]\)", forced)
    assert re.search(r"= loss\[t-1\] \+\s+\w\[t\]", clock)  # and not the 0 that it begins with
    assert re.search(r"@ \(slow\[t-1\]\s+or slow\[t-2\]\)", clock)


def test_what_a_teacher_gives_is_an_input() -> None:
    nodes = made("teacher forcing", "full").scene.nodes
    assert [node.name for node in nodes if "start" in node.formula] == ["h0"]
    assert [node.name for node in nodes if node.formula == "input"] == ["given1", "given2", "given4"]


def test_a_loop_says_where_it_was_cut() -> None:
    assert re.findall(r"cut \(detached\) at [^<]*", made("truncated", "rolled").dot) == ["cut (detached) at t = 2, 4"]


def test_a_loop_of_two_steps_is_called_by_its_total_and_not_by_the_loss() -> None:
    w, h = tg.tensor([0.5, 0.5], requires_grad=True), tg.ones(2)
    nll: Any = 0.0
    for t in (1, 2):
        with tg.step(t):
            h = tg.tanh(w * h)
            nll = nll - h.sum()
            nll.name = "nll"
    dot = re.sub("<[^>]*>", " ", unescape(tg.draw(nll, view="rolled").dot))
    assert re.search(r"nll\[t\]\s+= nll\[t-1\] - \w\[t\]", dot) and "L[t" not in dot


#: Of a picture words that it says and words that it does not say.
SAID = {
    "nan@full": (["first NaN at [1]: v1 = log(", "= [1, -1];", "border: first NaN or infinite; numbers: NaN"], []),
    "gradient penalty@full": (["6 parameters;", "mixed data [5x3]"], []),
    "gradient penalty@modules": (["in mixed", "6 parameters;"], []),
    "kept slots@full": (
        ["= setitem(slots0, h1, index=0) [4x2] value overwritten"],
        ["value -0.61 .. 0.61 grad size 1.13"],
    ),
    "kept slots@rolled": (["index=(0 \u2192 3)", "; t = 2 to 4"], []),
    "models.loss outside@rolled": (["total[t-1] + e[t]", "; t = 2", "begins as e[1]"], []),
    "clockwork@rolled": (["V @ slow[t-2]; t", "carries x 0.361 a step"], ["all ways"]),  # not by slow[t-1]
    "clockwork@cells": (["adds to dL/dV"], ["adds to dL/dmix"]),
    "T 200@rolled": (["h[t] of the step before"], ["carries"]),
    "T 8@rolled": (["carries: of the last step's"], []),
    "docs.rnn@rolled": (["entry t-1 of v1"], []),
    "in place@chain": (["g, but 0 at [0]"], ["setitem"]),
    "tied@chain": (["g^T"], []),
    "joined@chain": (["size x 2: "], ["where(1"]),
    "scalars@chain": (["green: parameters; dark frame: the loss"], ["size x"]),
    "kept slots@chain": (["0 %"], ["exactly 0"]),
    "mlp 20@chain": (["through + *: that of these operations together"], ["%: share"]),
    "three linears@chain": ([], ["through + *", "%: share"]),
    "birnn@full": (["exactly 0"], []),
    "long names@rolled": (["the_hid..t_layer[t-1]", "d_layer @"], []),
    "models.two layers@full": (["dL/dh2_1: 0.0137", "dL/dh1_1: 0.0358", "dL/dh2_4: 0.783"], []),
    "transformer 1@full": (["made here, without a gradient"], []),
    "models.several heads@modules": (["|dL/dh0|"], []),
    "bilstm 2@cells": (["and 4 more"], []),
    "bilstm 2@full": (["bars above a step: its states, those computed last"], []),
    "models.lstm@full": ([], ["bars above"]),
    "ode@chain": (["f2.weight"], ["f2weight", "Linear"]),
    "bilstm 2@modules": (["= cat(h[t], h'[t], dim=1)", "= cat(h''[t], h'''[t], dim=1)"], []),
    "docs.mlp@modules": (["= tanh(v2)"], []),
    "detached@chain": (["* 0: h3 is detached"], ["* 0: h2"]),
    "truncated@chain": (["* 0: h1 is detached", "* 0: h3 is detached"], []),
    "detached@modules": (["in h3, detached"], ["forward: detached"]),
    "truncated@modules": (["forward: detached, no gradient comes back"], []),
    "mlp 16@full": (["Linear 14, continued"], ["Linear, continued"]),
    "kept slots@modules": (["t = 3, continued"], ["t = 1, continued"]),
}


@pytest.mark.parametrize("name", SAID)
def test_what_pictures_say(name: str) -> None:
    there, absent = SAID[name]
    text = " ".join(re.sub("<[^>]*>", " ", unescape(made(*name.split("@")).dot)).split())
    assert [words for words in there if words not in text] == []
    assert [words for words in absent if words in text] == []
