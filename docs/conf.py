"""How the site is built: `sphinx-build -W docs build/site`. Pages in learn/ run while it is built."""

import gc
import hashlib
import os
import re
from html import unescape
from pathlib import Path
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder

import tinygrad_rnn
from tinygrad_rnn.ops.operation import Operation
from tinygrad_rnn.viz.style import DARK

# Millions of nodes of documents are made, and stay: to look through them again and again takes as long as all the rest.
gc.set_threshold(1_000_000)

project = "tinygrad_rnn"
author = "the tinygrad_rnn authors"
copyright = f"2026, {author}"
release = tinygrad_rnn.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx_design",
]
exclude_patterns = ["pictures"]
myst_enable_extensions = ["dollarmath", "deflist", "attrs_inline"]
myst_heading_anchors = 3
default_role = "literal"  # what stands in backticks in a docstring
napoleon_custom_sections = [("Views", "params_style"), ("Attributes", "params_style")]  # the first is of draw
napoleon_use_param = False  # "eps, atol, rtol: ..." is told once
autodoc_inherit_docstrings = False  # what every optimiser has is told at Optimizer
autodoc_preserve_defaults = True
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the signature shows what a caller needs; shapes and types stand in the text
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

html_theme = "furo"
html_title = "tinygrad_rnn"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
templates_path = ["templates"]
html_show_sphinx = False
html_show_search_summary = False  # they are fetched, which a page opened as a file may not do
html_math_renderer = "mathml"

# What a page printed is kept, and printed anew when the page or anything in the package has changed.
_package = Path(tinygrad_rnn.__file__).parent
_sources = b"".join(file.read_bytes() for file in sorted(_package.rglob("*")) if file.suffix in {".py", ".js", ".css"})
nb_execution_mode = "cache"
nb_execution_cache_path = str(Path(__file__).parents[1] / "build" / "cache" / hashlib.sha256(_sources).hexdigest()[:16])
nb_execution_timeout = 120
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_merge_streams = True
nb_mime_priority_overrides = [("*", "image/svg+xml", 25)]  # before HTML: a picture of both themes is one file
os.environ["PYTHONSTARTUP"] = str(Path(__file__).parent / "themed.py")  # which every kernel runs first


#: A function's name before something without brackets around it, where tanh z needs a space.
_NAMED = re.compile(
    r"((?<!<msup>)(?<!<msub>)<mi>[a-z]{3,}</mi>|<msup><mi>[a-z]{3,}</mi><mn>\d</mn></msup>)(?=<m(?!o|space))"
)
#: A letter and its prime, which stands high in every font and is not raised once more.
_PRIMED = re.compile(r"<msup>(<mi>[^<]*</mi>)<mi>(&#x02032;)</mi></msup>")


def _formula(self: Any, node: nodes.Element, display: str) -> None:
    formula = re.sub(r"<mo>([a-z]{3,})</mo>", r"<mi>\1</mi>", convert(node.astext(), display=display))
    formula = _PRIMED.sub(r'<mrow>\1<mo lspace="0" rspace="0">\2</mo></mrow>', formula)
    self.body.append(_NAMED.sub(r'\1<mspace width="0.17em"/>', formula))
    raise nodes.SkipNode


def _plain(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Docstrings are plain text, in which |x| is an absolute value, * a product and "f" a string; what stands further
    in after an empty line is code or equations, and keeps its lines."""
    if isinstance(obj, Operation) and obj.name != name.rpartition(".")[2]:
        lines[:] = [f"The same as ``{obj.name}``."]
    told = ["..", ""] if what in {"attribute", "property"} else []  # in whose first line a colon would end a type
    margin, last, code, session = 0, "", False, False
    for line, above in zip(lines, ["", *lines], strict=False):
        indent = len(line) - len(line.lstrip())
        code = code and (not line or indent > margin)
        if line and not code and not above and indent > margin:
            code = True
            told += [] if last.endswith("::") else [" " * margin + "::", ""]
        session = line.lstrip().startswith(">>>") or (session and line != "")
        if line and not code:
            margin, last = indent, line
        if not code and not session:
            parts = line.split("``")
            parts[::2] = [re.sub(r"([|*\"'\\])", r"\\\1", part) for part in parts[::2]]
            line = "``".join(parts)
        told.append(line)
    lines[:] = told


#: What every module has is told at Module alone.
_REPEATED = {"forward", "extra_repr", "reset_parameters"}


def _skipped(app: Sphinx, what: str, name: str, obj: object, skip: bool, options: object) -> bool | None:
    """What is told elsewhere (fields, with their class), and what is no user's: the engine's part of a tensor."""
    field = type(obj).__name__ == "_tuplegetter" or (what == "class" and isinstance(obj, type))
    inner = what == "class" and app.env.docname == "api/tensors" and name not in dir(tinygrad_rnn.tensor(0.0))
    return True if field or inner or name in _REPEATED else None


#: The pixels of the widest and the narrowest column, and those that most letters of a picture have at the least.
COLUMN, NARROW, LEGIBLE = 944, 368, 7.9


def _described(app: Sphinx, doctree: nodes.document) -> None:
    """What a picture says of itself is read out in its place; a large one shrinks as far as it can be read."""
    for image in doctree.findall(nodes.image):
        file = Path(app.srcdir, image["uri"].lstrip("/"))
        if file.suffix == ".svg" and file.exists():
            svg = file.read_text(encoding="utf-8")
            words = re.findall(r"<(?:title|desc)>([^<]+)<", svg)[:2]
            image["alt"] = image.get("alt") or unescape(": ".join(words))
            width = re.search(r"<svg[^>]* width=\"([\d.]+)(pt)?", svg)
            pixels = float(width[1]) * (4 / 3 if width[2] else 1) if width else 0
            box = re.search(r"viewBox=\"[\d.-]+ [\d.-]+ ([\d.]+)", svg)
            sizes = sorted(float(size) for size in re.findall(r"font-size[=:]\s*\"?([\d.]+)", svg))
            least = LEGIBLE * float(box[1]) / sizes[len(sizes) // 2] if box and sizes else pixels
            if pixels > COLUMN:
                image["width"] = f"{min(pixels, least):.0f}px"
                image["classes"].append("large")
            if least <= NARROW:
                image["classes"].append("small")
            if DARK.background in svg.upper():  # it has the colours of a dark page itself
                image["classes"].append("coloured")
            image["classes"] += ["coloured"] * (DARK.background in svg.upper())


#: What a screen reader misses in the theme's pages, and with what it is put right.
_MENDED = {
    '<p class="caption" role="heading">': '<p class="caption" role="heading" aria-level="2">',
    '<span class="pre">-': '<span class="pre held">-',  # an option of a command is not torn at its hyphens
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="All pages">',
    '<aside class="toc-drawer': '<aside aria-label="On this page" class="toc-drawer',
    '<div class="content-icon-container">': '<div aria-label="Tools" class="content-icon-container" role="navigation">',
    '<th class="head"><p></p></th>': "<td></td>",
    '<summary aria-label="Toggle hidden content">': "<summary>",
    "&lt;button id=&quot;theme&quot;": "&lt;button hidden id=&quot;theme&quot;",  # in pages inside: the site has one
    '<div id="search-results"></div>': "<h1>Search</h1>\n<p>Words typed into the field above the list of pages find "
    'the pages that have all of them.</p>\n<div id="search-results"></div>',
}


#: A formula in a line, with what stands before and after it and may not begin or end another line.
_HELD = re.compile(r'(\(*)(<math[^>]*display="inline"(?:(?!</math>).)*</math>)([.,:;?!)]*)', re.DOTALL)


def _mended(html: str) -> str:
    for found, instead in _MENDED.items():
        html = html.replace(found, instead)
    return _HELD.sub(lambda each: f'<span class="held">{each[0]}</span>' if each[1] or each[3] else each[0], html)


def _filters(app: Sphinx) -> None:
    if isinstance(app.builder, StandaloneHTMLBuilder):
        app.builder.templates.environment.filters["mended"] = _mended  # templates/page.html


def _titled(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Beside every page stand the titles of all: what else is on a page that has none below it need not be copied."""
    tree, metadata = context["toctree"], app.env.metadata
    last = app.env.found_docs - app.env.toctree_includes.keys()

    def titles(**options: Any) -> str:
        whole = {name: dict(metadata[name]) for name in last}
        for name in last:
            metadata[name]["tocdepth"] = 1
        try:
            return str(tree(**options))
        finally:
            metadata.update(whole)

    context["toctree"] = titles


def setup(app: Sphinx) -> None:
    """Formulas as MathML, which browsers draw themselves: no script, no font from elsewhere."""
    app.add_html_math_renderer(
        "mathml",
        (lambda self, node: _formula(self, node, "inline"), None),
        (lambda self, node: _formula(self, node, "block"), None),
    )
    app.connect("autodoc-process-docstring", _plain, priority=100)  # before napoleon, which writes its own *
    app.connect("autodoc-skip-member", _skipped)
    app.connect("builder-inited", _filters)
    app.connect("html-page-context", _titled, priority=100)  # before the theme asks for the list of pages
    app.connect("doctree-read", _described, priority=100)  # while an image still has the name of its file
