// Touching up a cut-out: look at it three ways, draw a box, or brush. The photo itself never changes.
import { $, $$, post, toast } from './app.js';
import { layer, Strokes } from './strokes.js';

const stage = $('[data-cut]');
if (stage) await begin();

async function begin() {
  const { dataset } = stage, say = dataset;
  const load = url => new Promise((done, failed) => { const image = new Image(); image.onload = () => done(image); image.onerror = failed; image.src = url; });
  const [photo, cutout] = await Promise.all([load(dataset.photo), dataset.cutout ? load(dataset.cutout) : null]);
  const view = $('canvas', stage), ink = view.getContext('2d'), still = $('img', stage);
  const width = view.width = photo.naturalWidth, height = view.height = photo.naturalHeight;
  const strokes = new Strokes(width, height), unit = Math.max(width, height) / 900;
  const keep = $('[data-keep]'), boxForm = $('[data-box]'), hintPill = $('[data-hint]');
  let tool = null, mode = cutout ? 'cut' : 'src', from = null, to = null, corner = null, cursor = null;

  function product() {
    const whole = layer(width, height), draw = whole.getContext('2d');
    draw.drawImage(strokes.add, 0, 0);
    draw.globalCompositeOperation = 'source-in';
    draw.drawImage(photo, 0, 0, width, height);
    draw.globalCompositeOperation = 'destination-over';
    draw.drawImage(cutout, 0, 0, width, height);
    draw.globalCompositeOperation = 'destination-out';
    draw.drawImage(strokes.remove, 0, 0);
    return whole;
  }

  function paint() {
    ink.clearRect(0, 0, width, height);
    if (mode === 'over') { ink.globalAlpha = .3; ink.drawImage(photo, 0, 0, width, height); ink.globalAlpha = 1; }
    if (mode === 'src') ink.drawImage(photo, 0, 0, width, height); else ink.drawImage(product(), 0, 0);
    if (tool === 'box' && from && to) mark(path => path.rect(from.x, from.y, to.x - from.x, to.y - from.y), [18 * unit, 12 * unit]);
    if (cursor && tool && tool !== 'box') mark(path => path.arc(cursor.x, cursor.y, brush(), 0, 7));
  }

  function mark(draw, dashes = []) {   // white under blue, so the mark shows on any picture
    const path = new Path2D();
    draw(path);
    ink.setLineDash(dashes);
    for (const [thick, colour] of [[8, '#fff'], [4, '#0a5bd3']]) { ink.lineWidth = thick * unit; ink.strokeStyle = colour; ink.stroke(path); }
    ink.setLineDash([]);
  }

  const brush = () => Number($('#bs').value) * unit;
  const hint = text => { hintPill.hidden = !text; hintPill.textContent = text ?? ''; };

  function at(event) {
    const box = view.getBoundingClientRect(), scale = Math.min(box.width / width, box.height / height);
    return { x: (event.clientX - box.left - (box.width - width * scale) / 2) / scale, y: (event.clientY - box.top - (box.height - height * scale) / 2) / scale };
  }

  function painted() {   // there is something to keep now
    keep.hidden = strokes.empty && keep.dataset.seen === 'yes';
    document.body.classList.toggle('has-dock', !keep.hidden);
    onbeforeunload = strokes.empty ? null : event => event.preventDefault();
  }

  function choose(name) {
    tool = tool === name ? null : name;
    $$('[data-tool]').forEach(button => button.setAttribute('aria-pressed', String(button.dataset.tool === tool)));
    $('[data-size]').hidden = !tool || tool === 'box';
    view.classList.toggle('working', Boolean(tool));
    if (tool === 'add' && mode === 'cut') look('over');
    corner = cursor = from = to = null;
    hint(tool && { box: say.sayBox, add: say.sayAdd, remove: say.sayRemove }[tool]);
    paint();
  }

  function look(name) {
    mode = name;
    const radio = $(`[name="view"][value="${name}"]`);
    if (radio) radio.checked = true;
    stage.classList.toggle('checker', name !== 'src');
    stage.classList.toggle('room', name === 'src');
    paint();
  }

  function sendBox() {
    const scale = dataset.width / width, clamp = (value, most) => Math.min(Math.max(Math.round(value * scale), 0), most);
    const left = clamp(Math.min(from.x, to.x), dataset.width), top = clamp(Math.min(from.y, to.y), dataset.height);
    const right = clamp(Math.max(from.x, to.x), dataset.width), bottom = clamp(Math.max(from.y, to.y), dataset.height);
    for (const [name, value] of Object.entries({ left, top, width: right - left, height: bottom - top })) boxForm.elements[name].value = value;
    onbeforeunload = null;
    boxForm.requestSubmit();
  }

  view.addEventListener('pointerdown', event => {
    if (!tool) return;
    view.setPointerCapture(event.pointerId);
    from = at(event); to = null; cursor = null; hint(null);
    if (tool !== 'box') { strokes.begin(tool, brush(), from); painted(); }
    paint();
  });
  view.addEventListener('pointermove', event => {
    if (!from) return;
    const point = at(event);
    if (tool === 'box') { if (to || Math.hypot(point.x - from.x, point.y - from.y) > 24 * unit) to = point; } else strokes.extend(point);
    paint();
  });
  view.addEventListener('pointerup', () => {
    if (!from) return;
    if (tool !== 'box') { from = null; return; }
    if (!to && !corner) { corner = from; from = null; hint(say.sayCorner); return; }   // two taps are as good as a drag
    if (!to) { to = from; from = corner; }
    paint();
    sendBox();
  });
  view.addEventListener('keydown', event => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!tool || tool === 'box' || !(step || event.key === ' ')) return;
    event.preventDefault();
    cursor ??= { x: width / 2, y: height / 2 };
    const far = (event.shiftKey ? 40 : 10) * unit;
    if (step) cursor = { x: Math.min(Math.max(cursor.x + step[0] * far, 0), width), y: Math.min(Math.max(cursor.y + step[1] * far, 0), height) };
    else { strokes.begin(tool, brush(), cursor); painted(); }
    paint();
  });

  $$('[data-tool]').forEach(button => button.addEventListener('click', () => choose(button.dataset.tool)));
  $$('[name="view"]').forEach(input => input.addEventListener('change', () => look(input.value)));
  $('[data-undo]')?.addEventListener('click', () => { if (!strokes.undo()) toast(say.sayNothing); painted(); paint(); });

  keep.dataset.seen = keep.hidden ? 'yes' : 'no';
  keep.addEventListener('submit', async event => {
    if (strokes.empty) return;
    event.preventDefault();
    const button = $('button', keep);
    button.disabled = true;
    toast(keep.dataset.busy);
    try {
      const body = new FormData();
      body.append('strokes', await strokes.png(), 'strokes.png');
      body.append('base', dataset.base);
      await post(`${dataset.api}/strokes`, body);
      onbeforeunload = null;
      keep.submit();
    } catch (problem) {
      button.disabled = false;
      toast(problem.message || say.sayLost);
    }
  });

  still.hidden = true;
  view.hidden = false;
  paint();
}
