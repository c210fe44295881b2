// Shrinks every [data-fit] text until it stays inside its box. Sizes are rem (1 rem = 1 % of the short side).
// Returns the roles that do not fit even at data-min, or null when the page holds more than `most` elements.
(most) => {
  if (document.getElementsByTagName("*").length > most) return null;
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const unfit = new Set();

  const rolesOf = (box) => {
    const own = box.closest("[data-role]");
    if (own) return [own.dataset.role];
    return [...box.querySelectorAll("[data-role]")].map((e) => e.dataset.role);
  };
  const fail = (box) => rolesOf(box).forEach((role) => unfit.add(role));

  // A glyph may reach past its advance (.05 em) and past a tight line box (.17 em) without being cut.
  const overflows = (box, text) => {
    const style = getComputedStyle(text);
    const size = parseFloat(style.fontSize);
    const vertical = style.writingMode !== "horizontal-tb";
    const across = 1 + size * (vertical ? 0.17 : 0.05);
    const along = 1 + size * (vertical ? 0.05 : 0.17);
    return box.scrollWidth > box.clientWidth + across || box.scrollHeight > box.clientHeight + along;
  };

  const fitWhole = (box, text) => {
    let low = Number(box.dataset.min || 2.2);
    let high = Number(box.dataset.max);
    const set = (size) => (text.style.fontSize = size + "rem");
    set(high);
    if (!overflows(box, text)) return;
    while (high - low > 0.04) {
      const middle = (low + high) / 2;
      set(middle);
      if (overflows(box, text)) high = middle;
      else low = middle;
    }
    set(low);
    if (overflows(box, text)) fail(box);
  };

  // Every line gets the size that fills the width, none more than data-linefit times the smallest.
  const fitLines = (box, text) => {
    const lines = [...text.querySelectorAll(".ln")];
    if (!lines.length) return;
    const probe = 20;
    const leading = Number(box.dataset.lh || 1.04);
    text.style.fontSize = probe + "rem";
    let sizes = lines.map((line) => {
      line.style.fontSize = "1em";
      line.style.width = "max-content";
      const width = line.offsetWidth / rem / probe;
      line.style.width = "";
      return Math.min(Number(box.dataset.max), (box.clientWidth / rem / width) * 0.992);
    });
    const most = Math.min(...sizes) * Number(box.dataset.linefit);
    sizes = sizes.map((size) => Math.min(size, most));
    const height = sizes.reduce((sum, size) => sum + size * leading, 0);
    const shrink = Math.min(1, box.clientHeight / rem / height);
    lines.forEach((line, i) => (line.style.fontSize = (sizes[i] * shrink) / probe + "em"));
    if (Math.min(...sizes) * shrink < Number(box.dataset.min || 2.2)) fail(box);
  };

  document.documentElement.toggleAttribute("data-fitting", true); // moved texts are fitted where they were
  for (const box of document.querySelectorAll("[data-fit]")) {
    const text = box.querySelector("[data-t]") || box;
    if (box.dataset.linefit) fitLines(box, text);
    else fitWhole(box, text);
  }
  document.documentElement.toggleAttribute("data-fitting", false);
  return [...unfit];
}
