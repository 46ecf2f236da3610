// What can be scrolled sideways can be reached by the keyboard, and only that: a stop at every block of code would be too
// many. Which blocks those are depends on the width of the window.
"use strict";

function mark(element) {
  if (element.scrollWidth > element.clientWidth) {
    element.tabIndex = 0;
  } else {
    element.removeAttribute("tabindex");
  }
}

window.addEventListener("DOMContentLoaded", () => {
  const watch = new ResizeObserver((entries) => entries.forEach(({ target }) => mark(target)));
  const scrolled = document.querySelectorAll(
    "article pre, article p:has(> img), .cell_output > .output, .table-wrapper, math[display='block']",
  );
  scrolled.forEach((element) => watch.observe(element));
  window.addEventListener("load", () => scrolled.forEach(mark)); // what it holds may have grown, and it not
});

// A picture that is larger than its place can be opened by itself, where the browser enlarges it.
window.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("article img[src$='.svg']").forEach((image) => {
    if (!image.closest("a")) {
      const link = document.createElement("a");
      link.href = image.src;
      image.replaceWith(link);
      link.append(image);
    }
  });
});
