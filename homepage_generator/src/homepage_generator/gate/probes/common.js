// What the other probes stand on. Each probe is `probe.<name> = () => ({check: [[element, evidence], …]})`.
const probe = {};
const root = document.documentElement;
const style = (element) => getComputedStyle(element);
const box = (element) => element.getBoundingClientRect();
const brief = (text) => text.trim().replace(/\s+/g, " ").slice(0, 60);
const UNSEEN = ".vh, .skip, .trap, .sprite, script, style, template, noscript";

// Kept for readers of the page's sound alone: shrunk to a dot, whatever its class is called.
const dots = new Map();
const isDot = (element) => {
  if (!element || element === document.body) return false;
  if (!dots.has(element)) {
    const s = style(element);
    const tiny = s.position === "absolute" && s.overflow !== "visible" && Math.min(box(element).width, box(element).height) <= 2;
    dots.set(element, tiny || isDot(element.parentElement));
  }
  return dots.get(element);
};

const shown = (element) =>
  !element.closest(UNSEEN) &&
  !isDot(element) &&
  element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true });

const sectionOf = (element) => element?.closest?.("[data-kind][id]")?.id ?? null;

// A part that is scrolled sideways on purpose, with a reader's hand: what lies outside of it is no overflow.
const scrolled = (element) => {
  for (let one = element; one && one !== document.body; one = one.parentElement)
    if (["auto", "scroll"].includes(style(one).overflowX) && one.scrollWidth > one.clientWidth) return one;
  return null;
};

const rangeOf = (node, start = 0, end = node.length) => {
  const range = document.createRange();
  range.setStart(node, start);
  range.setEnd(node, end);
  return range;
};

// Every text that is seen: its node, element, outer box and the boxes of its lines.
const texts = (() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const element = node.parentElement;
    if (!node.data.trim() || !element || element.namespaceURI !== "http://www.w3.org/1999/xhtml" || !shown(element)) continue;
    const range = rangeOf(node);
    const lines = [...range.getClientRects()].filter((line) => line.width > 1 && line.height > 1);
    if (lines.length) found.push({ node, element, lines, box: range.getBoundingClientRect() });
  }
  return found;
})();
