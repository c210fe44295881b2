// Words made to fit their places as the renderer does it before it draws: every [data-fit] shrinks until nothing
// overflows, or each of its lines fills the width. Sizes are rem; moved texts are fitted where they were.
export function fit(page) {
  const root = page.documentElement, view = page.defaultView;
  const rem = parseFloat(view.getComputedStyle(root).fontSize), unfit = new Set();
  const fail = box => rolesOf(box).forEach(role => unfit.add(role));
  root.toggleAttribute('data-fitting', true);
  for (const box of page.querySelectorAll('[data-fit]')) {
    const text = box.querySelector('[data-t]') ?? box;
    const fits = box.dataset.linefit ? fitLines(box, text, rem) : fitWhole(box, text, view);
    if (!fits) fail(box);
  }
  root.toggleAttribute('data-fitting', false);
  return unfit;
}

function rolesOf(box) {
  const own = box.closest('[data-role]');
  return own ? [own.dataset.role] : [...box.querySelectorAll('[data-role]')].map(one => one.dataset.role);
}

// A glyph may reach past its advance (.05 em) and past a tight line box (.17 em) without being cut.
function overflows(box, text, view) {
  const style = view.getComputedStyle(text), size = parseFloat(style.fontSize), upright = style.writingMode !== 'horizontal-tb';
  const across = 1 + size * (upright ? .17 : .05), along = 1 + size * (upright ? .05 : .17);
  return box.scrollWidth > box.clientWidth + across || box.scrollHeight > box.clientHeight + along;
}

function fitWhole(box, text, view) {
  let low = Number(box.dataset.min || 2.2), high = Number(box.dataset.max);
  const set = size => { text.style.fontSize = `${size}rem`; };
  set(high);
  if (!overflows(box, text, view)) return true;
  while (high - low > .04) {
    const middle = (low + high) / 2;
    set(middle);
    if (overflows(box, text, view)) high = middle; else low = middle;
  }
  set(low);
  return !overflows(box, text, view);
}

function fitLines(box, text, rem) {
  const lines = [...text.querySelectorAll('.ln')], probe = 20, leading = Number(box.dataset.lh || 1.04);
  if (!lines.length) return true;
  text.style.fontSize = `${probe}rem`;
  let sizes = lines.map(line => {
    line.style.fontSize = '1em';
    line.style.width = 'max-content';
    const width = line.offsetWidth / rem / probe;
    line.style.width = '';
    return Math.min(Number(box.dataset.max), box.clientWidth / rem / width * .992);
  });
  const most = Math.min(...sizes) * Number(box.dataset.linefit);
  sizes = sizes.map(size => Math.min(size, most));
  const height = sizes.reduce((sum, size) => sum + size * leading, 0), shrink = Math.min(1, box.clientHeight / rem / height);
  lines.forEach((line, i) => { line.style.fontSize = `${sizes[i] * shrink / probe}em`; });
  return Math.min(...sizes) * shrink >= Number(box.dataset.min || 2.2);
}
