"""On the site pictures have both themes, and the reader's page says which is seen: every kernel runs this first."""

from tinygrad_rnn import viz as _viz

for _drawing in (_viz.draw, _viz.Picture.animation):
    (_drawing.__kwdefaults__ or {})["theme"] = "auto"
