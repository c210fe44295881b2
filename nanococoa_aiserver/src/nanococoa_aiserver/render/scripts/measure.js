// Where every glyph stands, what each text asked for, and which planes hold what. Nothing on the page is changed.
() => {
  const segmenter = new Intl.Segmenter("ko", { granularity: "grapheme" });
  const range = document.createRange();
  const hidden = /^[\s\u00a0\u200b-\u200d\u2060\ufeff]*$/;
  const styles = new Map();
  const blocks = new Map();

  const styleOf = (element) => {
    if (!styles.has(element)) styles.set(element, getComputedStyle(element));
    return styles.get(element);
  };
  const blockOf = (element) => {
    let at = element;
    while (at !== document.body && /^(inline|contents|ruby)$/.test(styleOf(at).display)) at = at.parentElement;
    if (!blocks.has(at)) blocks.set(at, blocks.size);
    return blocks.get(at);
  };
  const transformOf = (element) => {
    let scale = 1;
    let rotated = false;
    for (let at = element; at && at !== document.documentElement; at = at.parentElement) {
      const style = styleOf(at);
      if (style.transform === "none" && style.rotate === "none" && style.scale === "none") continue;
      const matrix = new DOMMatrix(style.transform === "none" ? "" : style.transform);
      const individually = style.scale === "none" ? 1 : parseFloat(style.scale);
      scale *= Math.sqrt(Math.abs(matrix.a * matrix.d - matrix.b * matrix.c)) * individually;
      rotated = rotated || Math.abs(matrix.b) > 1e-3 || Math.abs(matrix.c) > 1e-3 || style.rotate !== "none";
    }
    return { scale, rotated };
  };
  const planeOf = (element) => {
    const plane = element.closest(".back, .front");
    return plane && plane.classList.contains("back") ? "back" : "front";
  };
  const familyOf = (style) => style.fontFamily.split(",")[0].trim().replace(/^["']|["']$/g, "");
  const emoji = /\p{Emoji_Presentation}|\ufe0f/u;

  const glyphs = [];
  const families = {};
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || element.closest("style, script, template, title")) continue;
    const style = styleOf(element);
    const { scale, rotated } = transformOf(element);
    const role = element.closest("[data-role]")?.dataset.role ?? "";
    const shared = [
      parseFloat(style.fontSize) * scale, Number(style.fontWeight), role, blockOf(element), planeOf(element),
      !!element.closest("[data-over]"), !!element.closest("[data-bleed]"), rotated,
    ];
    let plain = false;
    for (const { segment, index } of segmenter.segment(node.data)) {
      if (hidden.test(segment)) continue;
      range.setStart(node, index);
      range.setEnd(node, index + segment.length);
      const box = range.getBoundingClientRect();
      if (!box.width || !box.height) continue;
      glyphs.push([segment, box.left, box.top, box.right, box.bottom, ...shared]);
      plain = plain || !emoji.test(segment);
    }
    if (plain && role) (families[role] ??= new Set()).add(familyOf(style));
  }

  const texts = [...document.querySelectorAll("[data-role]")].filter((e) => e.textContent.trim()).map((element) => {
    const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    let first = walk.nextNode();
    while (first && !first.data.trim()) first = walk.nextNode();
    const style = styleOf(first.parentElement);
    range.selectNodeContents(element);
    const box = range.getBoundingClientRect();
    return {
      role: element.dataset.role,
      text: element.textContent.replace(/[\u200b\u2060]/g, "").replace(/\s+/g, " ").trim(),
      box: { x: box.left, y: box.top, width: box.width, height: box.height },
      font_family: familyOf(style),
      font_px: parseFloat(style.fontSize) * transformOf(first.parentElement).scale,
      color: style.color,
      plane: planeOf(element),
    };
  });

  const drawsBox = (element, pseudo) => {
    const style = getComputedStyle(element, pseudo);
    if (pseudo && /^(none|normal)$/.test(style.content)) return false;
    const filled = style.backgroundImage !== "none" || !/^rgba\(.*, 0\)$|^transparent$/.test(style.backgroundColor);
    const lined = ["Top", "Right", "Bottom", "Left"].some((side) => parseFloat(style[`border${side}Width`]) > 0);
    const shaded = style.boxShadow !== "none" || style.textShadow !== "none" || style.outlineStyle !== "none";
    return filled || lined || shaded || style.backdropFilter !== "none" || !!pseudo;
  };
  const draws = (element) =>
    /^(svg|img|canvas|hr)$/i.test(element.tagName) ||
    drawsBox(element) || drawsBox(element, "::before") || drawsBox(element, "::after");
  const front = [...document.querySelectorAll(".front, .front *")].filter((e) => e.tagName !== "STYLE");

  return {
    glyphs,
    texts,
    families: Object.fromEntries(Object.entries(families).map(([role, set]) => [role, [...set]])),
    back_text: glyphs.some((glyph) => glyph[9] === "back"),
    front_text: glyphs.some((glyph) => glyph[9] === "front"),
    front_graphics: front.some(draws),
  };
}
