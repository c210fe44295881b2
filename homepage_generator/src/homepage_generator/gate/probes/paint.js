// Where text is and in what colour, for those who look at the pixels under it. Colours as the screen has them.
const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
const known = new Map();
const rgba = (colour) => {
  if (!known.has(colour)) {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    known.set(colour, [r, g, b, a / 255]);
  }
  return known.get(colour);
};

const veil = (element) => {
  let left = 1;
  for (let one = element; one; one = one.parentElement) left *= parseFloat(style(one).opacity);
  return left;
};

probe.paint = () =>
  texts
    .filter((t) => !t.element.closest("[aria-hidden=true]") && !scrolled(t.element))
    .map((t) => {
      const s = style(t.element);
      const size = parseFloat(s.fontSize);
      const [r, g, b, a] = rgba(s.webkitTextFillColor);
      const outline = a < 0.05 && parseFloat(s.webkitTextStrokeWidth) > 0 ? rgba(s.webkitTextStrokeColor) : null;
      return {
        text: brief(t.node.data),
        section: sectionOf(t.element),
        colour: outline ?? [r, g, b, a],
        opacity: veil(t.element),
        // WCAG 1.4.3: large is 24 px, or 18.66 px in bold
        least: size >= 24 || (size >= 18.66 && Number(s.fontWeight) >= 700) ? 3 : 4.5,
        lines: t.lines.map((l) => [l.left + scrollX, l.top + scrollY, l.right + scrollX, l.bottom + scrollY]),
      };
    });
