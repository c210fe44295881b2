// Sections, grids, pictures and drawings: what is there at all, and whether it looks finished.
probe.sections = () => {
  const found = { empty_section: [], duplicate_id: [] };
  for (const section of document.querySelectorAll("section, footer[data-kind]"))
    if (shown(section) && section.innerText.trim().length < 2 && !section.querySelector("img, svg, form"))
      found.empty_section.push([section, section.dataset.kind ?? section.className]);
  const seen = new Set();
  for (const element of document.querySelectorAll("[id]")) {
    if (seen.has(element.id)) found.duplicate_id.push([element, element.id]);
    seen.add(element.id);
  }
  return found;
};

// Lists of boxes in columns: an empty cell shows as a hole. Lists of bare text may end where they end.
const drawnBox = (element) => {
  const s = style(element);
  const ground = s.backgroundImage !== "none" || !/(, 0\)|\/ 0\)|^transparent$)/.test(s.backgroundColor);
  const sides = ["Top", "Right", "Bottom", "Left"].map((side) => parseFloat(s[`border${side}Width`]) > 0 && s[`border${side}Style`] !== "none");
  return ground || sides.every(Boolean) || (sides[1] && sides[2]);
};
const tracks = (value) => value.split(" ").filter((one) => one.endsWith("px")).length;

probe.grids = () => {
  const found = [];
  for (const list of document.querySelectorAll("ul, ol, dl, [data-fill]")) {
    const s = style(list);
    const cells = [...list.children].filter((cell) => shown(cell) && style(cell).position !== "absolute");
    const columns = tracks(s.gridTemplateColumns);
    if (s.display !== "grid" || columns < 2 || cells.length < 2 || !cells.some(drawnBox)) continue;
    const frame = box(list);
    const inner = (frame.width - parseFloat(s.paddingLeft) - parseFloat(s.paddingRight)) * (frame.height - parseFloat(s.paddingTop) - parseFloat(s.paddingBottom));
    const [gapX, gapY] = [parseFloat(s.columnGap) || 0, parseFloat(s.rowGap) || 0];
    const filled = cells.map(box).reduce((sum, cell) => sum + (cell.width + gapX) * (cell.height + gapY), 0);
    const whole = inner + gapX * frame.height + gapY * frame.width;
    if (filled / whole < 0.95) found.push([list, `${Math.round((100 * filled) / whole)} %`]);
  }
  return { grid_hole: found };
};

probe.pictures = () => {
  const found = { picture_broken: [], picture_alt: [], picture_stretched: [], picture_blurred: [] };
  for (const picture of document.querySelectorAll("img")) {
    const name = picture.getAttribute("src") ?? "";
    if (picture.getAttribute("alt") === null) found.picture_alt.push([picture, name]);
    if (!shown(picture) || !picture.complete) continue;
    const frame = box(picture);
    if (picture.undrawn || !picture.naturalWidth || frame.width < 2 || frame.height < 2) {
      found.picture_broken.push([picture, name]);
      continue;
    }
    const skew = frame.width / frame.height / (picture.naturalWidth / picture.naturalHeight);
    if (style(picture).objectFit === "fill" && Math.abs(Math.log(skew)) > 0.04) found.picture_stretched.push([picture, name]);
    if (frame.width > 120 && drawnWidth(picture, frame) > 2 * picture.naturalWidth) found.picture_blurred.push([picture, name]);
  }
  return found;
};
function drawnWidth(picture, frame) {
  const scale = [frame.width / picture.naturalWidth, frame.height / picture.naturalHeight];
  return picture.naturalWidth * (style(picture).objectFit === "cover" ? Math.max(...scale) : Math.min(...scale));
}

// Drawings get their colours from the stylesheet; without it they are black, or as large as a browser makes any SVG.
probe.art = () => {
  const found = [];
  for (const use of document.querySelectorAll("svg use")) {
    const target = document.getElementById((use.getAttribute("href") ?? "").slice(1));
    if (!target) found.push([use.ownerSVGElement, use.getAttribute("href") ?? "use"]);
  }
  for (const drawing of document.querySelectorAll("svg.art")) {
    if (!shown(drawing)) continue;
    const frame = box(drawing);
    const s = style(drawing);
    const bare = ["--c1", "--c2", "--c3"].filter((name) => !s.getPropertyValue(name).trim());
    const unsized = (frame.width === 300 && frame.height === 150) || frame.width < 4 || frame.height < 4;
    if (bare.length || unsized) found.push([drawing, `${drawing.classList} ${bare} ${Math.round(frame.width)}×${Math.round(frame.height)}`]);
  }
  for (const svg of document.querySelectorAll("svg:not(.art, .sprite)"))
    for (const shape of shown(svg) ? svg.querySelectorAll("path, circle, rect, ellipse, polygon") : []) {
      if (shape.closest("defs, symbol, pattern, clipPath, mask")) continue;
      const s = style(shape);
      if (s.fill === "rgb(0, 0, 0)" && s.stroke === "none" && !shape.closest("[fill]")) found.push([svg, shape.getAttribute("class") ?? shape.tagName]);
    }
  return { unstyled_art: found };
};

probe.fonts = () => ({
  font: [...document.fonts].filter((face) => face.status === "error").map((face) => [document.body, `${face.family} ${face.weight}`]),
});
