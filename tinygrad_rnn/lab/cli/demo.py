"""`tinygrad-rnn demo`: a worked example, or a claim of the textbook, as text and as a picture."""

from ..demos import DEMONSTRATIONS, WORKED_EXAMPLES
from .console import Console, Done, Refusal
from .options import Command, Option, Options, one_of
from .output import picture_path, save_drawing

DEMOS = {**WORKED_EXAMPLES, **DEMONSTRATIONS}
_WITH_QUICK = ", ".join(name for name, each in DEMOS.items() if each.quick)

NAME = Option("name", "which, see below", "", one_of(*DEMOS), "NAME")
PICTURE: Option[str | None] = Option("--picture", "where to draw it, or none (default: NAME.svg)", None, str, "FILE")
QUICK = Option("--quick", f"a smaller one; for those that take long: {_WITH_QUICK}", False, bool)


def demo(options: Options, console: Console) -> Done:
    """Shows one."""
    name = options[NAME]
    demonstration = DEMOS[name]
    if options[QUICK] and not demonstration.quick:
        raise Refusal(f"demo {name} takes no --quick: it is quick already; {_WITH_QUICK} do")
    picture = picture_path(options[PICTURE] or f"{name}.svg")
    shown = demonstration.show(quick=True) if options[QUICK] else demonstration.show()
    console.say(shown.text)
    if shown.picture is not None:
        save_drawing(shown.picture, picture, shown.drawn, console.say)
    return Done()


EXAMPLES = """\
  tinygrad-rnn demo bptt                         a worked example, every number of it
  tinygrad-rnn demo stock                        the same in raw dollars: why nothing is learnt
  tinygrad-rnn demo vanishing                    a claim of the textbook: gradients vanish over many steps
"""
_LISTING = [
    *(f"  {name:12}  {each.about}" for name, each in WORKED_EXAMPLES.items()),
    "\nThe claims of the textbook in its order (docs/textbook.md):",
    *(f"  {name:12}  {each.claim:2}  {each.about}" for name, each in DEMONSTRATIONS.items()),
]
COMMAND = Command(
    "demo",
    demo,
    "a claim of the textbook as numbers and a picture, or a worked example; needs no file",
    (NAME, PICTURE, QUICK),
    "\n".join([EXAMPLES, *_LISTING]),
    "Worked examples and the claims of the textbook, each as tables, what they prove, and a picture.",
)
