// Text that leaves its place: past the edge, cut off, broken inside a word, one over another, too small to read.
probe.overflow = () => {
  const wide = texts.filter((t) => (t.box.right > innerWidth + 1 || t.box.left < -1) && !scrolled(t.element));
  const found = wide.map((t) => [t.element, brief(t.node.data)]);
  const over = root.scrollWidth - innerWidth;
  if (over > 0 && !found.length) {
    const cause = [...document.body.querySelectorAll("*")].filter(
      (e) => shown(e) && box(e).right > innerWidth + 1 && !e.closest("svg svg, symbol") && !scrolled(e.parentElement),
    );
    found.push([cause.at(-1) ?? document.body, `${over}px`]);
  }
  return { overflow: found };
};

probe.clipped = () => {
  const found = [];
  for (const t of texts)
    for (let one = t.element; one && one !== document.body && one !== root; one = one.parentElement) {
      const s = style(one);
      if (!["hidden", "clip"].includes(s.overflowX) && !["hidden", "clip"].includes(s.overflowY)) continue;
      const frame = box(one);
      const cut = t.lines.find(
        (line) =>
          (s.overflowX !== "visible" && (line.right > frame.right + 1.5 || line.left < frame.left - 1.5)) ||
          // a line's box is taller than its letters: a third of it may be lost before a letter is
          (s.overflowY !== "visible" &&
            (line.bottom > frame.bottom + line.height / 3 || line.top < frame.top - line.height / 3)),
      );
      if (cut) {
        found.push([t.element, brief(t.node.data)]);
        break;
      }
    }
  return { clipped: found };
};

// A word may be broken where it could stand nowhere in one piece; a heading's word never, up to 20 letters.
const LONGEST = 20;
const roomOf = (element) => {
  let one = element;
  while (one.parentElement && ["inline", "contents"].includes(style(one).display)) one = one.parentElement;
  const s = style(one);
  return one.clientWidth - parseFloat(s.paddingLeft) - parseFloat(s.paddingRight);
};
// Where a line may end inside of what has no space: after signs, and beside characters that are words of their own.
const BREAKS = /[-‐–—·/|,.:;!?()[\]{}<>~…@&%+=_“”‘’"'、。，：；！？]|[\u3040-\u30ff\u3400-\u9fff\u00ad\u200b]|\p{Extended_Pictographic}/u;

probe.brokenWords = () => {
  const found = [];
  for (const t of texts) {
    if (new Set(t.lines.map((line) => Math.round(line.top))).size < 2) continue;
    const heading = t.element.closest("h1, h2, h3, h4");
    for (const match of t.node.data.matchAll(/\S+/g)) {
      for (const [start, end] of pieces(match[0], match.index)) {
        const rects = [...rangeOf(t.node, start, end).getClientRects()].filter((r) => r.width > 0.5);
        if (rects.length < 2 || rects.at(-1).top - rects[0].top < rects[0].height / 2) continue;
        const width = rects.reduce((sum, r) => sum + r.width, 0);
        const fits = width <= roomOf(t.element) + 1;
        if (fits || (heading && end - start <= LONGEST)) found.push([t.element, brief(t.node.data.slice(start, end))]);
      }
    }
  }
  return { broken_word: found };
};
function* pieces(word, offset) {
  let start = 0;
  for (let i = 0; i <= word.length; i += 1)
    if (i === word.length || BREAKS.test(String.fromCodePoint(word.codePointAt(i)))) {
      if (i - start > 1) yield [offset + start, offset + i];
      start = i + 1;
    }
}

probe.overlap = () => {
  const found = [];
  const rows = texts.flatMap((t) => t.lines.map((line) => ({ t, line }))).sort((a, b) => a.line.top - b.line.top);
  for (let i = 0; i < rows.length; i += 1)
    for (let j = i + 1; j < rows.length && rows[j].line.top < rows[i].line.bottom; j += 1) {
      const [a, b] = [rows[i], rows[j]];
      if (a.t === b.t) continue;
      const width = Math.min(a.line.right, b.line.right) - Math.max(a.line.left, b.line.left);
      const height = Math.min(a.line.bottom, b.line.bottom) - Math.max(a.line.top, b.line.top);
      const part = (lines, over) => over > 0.28 * Math.min(...lines);
      if (part([a.line.width, b.line.width], width) && part([a.line.height, b.line.height], height))
        found.push([b.t.element, `${brief(a.t.node.data)} / ${brief(b.t.node.data)}`]);
    }
  return { overlap: found };
};

probe.smallText = () => ({
  small_text: texts
    .filter((t) => parseFloat(style(t.element).fontSize) < 11.5)
    .map((t) => [t.element, `${brief(t.node.data)} (${parseFloat(style(t.element).fontSize)}px)`]),
});

probe.headline = () => {
  const heads = [...document.querySelectorAll("h1")].filter(shown);
  const found = { h1_count: [], h1_lines: [] };
  if (heads.length !== 1) found.h1_count.push([heads[1] ?? document.body, `${heads.length}`]);
  for (const head of heads) {
    const lines = texts.filter((t) => head.contains(t.element)).flatMap((t) => t.lines);
    const tops = [];
    for (const line of lines.sort((a, b) => a.top - b.top))
      if (!tops.length || line.top - tops.at(-1) > line.height / 2) tops.push(line.top);
    if (tops.length > 3) found.h1_lines.push([head, `${tops.length}`]);
  }
  return found;
};
