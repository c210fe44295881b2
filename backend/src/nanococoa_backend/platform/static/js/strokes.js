// The brush's paint over a cut-out: a list of strokes, drawn anew to undo one. What adds and what removes lie apart,
// and each wipes the other away, so the last stroke over a spot is the one that counts.
export class Strokes {
  constructor(width, height) {
    this.add = layer(width, height);
    this.remove = layer(width, height);
    this.list = [];
  }

  get empty() { return this.list.length === 0; }

  begin(tool, size, point) {
    this.list.push({ tool, size, points: [point] });
    this.#draw(this.list.at(-1), 0);
  }

  extend(point) {
    const stroke = this.list.at(-1);
    stroke.points.push(point);
    this.#draw(stroke, stroke.points.length - 2);
  }

  undo() {
    if (!this.list.pop()) return false;
    for (const one of [this.add, this.remove]) one.getContext('2d').clearRect(0, 0, one.width, one.height);
    this.list.forEach(stroke => this.#draw(stroke, 0));
    return true;
  }

  // White adds, black removes, transparent leaves: what the server applies to the cut-out at its full size.
  png() {
    const whole = layer(this.add.width, this.add.height), ink = whole.getContext('2d');
    ink.drawImage(tinted(this.remove, '#000'), 0, 0);
    ink.drawImage(tinted(this.add, '#fff'), 0, 0);
    return new Promise(done => whole.toBlob(done, 'image/png'));
  }

  #draw({ tool, size, points }, from) {
    const [own, other] = tool === 'add' ? [this.add, this.remove] : [this.remove, this.add];
    line(own, points.slice(from), size, 'source-over');
    line(other, points.slice(from), size, 'destination-out');
  }
}

export const layer = (width, height) => Object.assign(document.createElement('canvas'), { width, height });

function line(canvas, points, size, how) {
  const ink = canvas.getContext('2d');
  ink.globalCompositeOperation = how;
  ink.lineCap = ink.lineJoin = 'round';
  ink.lineWidth = size * 2;
  ink.beginPath();
  ink.moveTo(points[0].x, points[0].y);
  for (const point of points) ink.lineTo(point.x + (points.length === 1 ? .01 : 0), point.y);
  ink.stroke();
}

function tinted(canvas, colour) {
  const copy = layer(canvas.width, canvas.height), ink = copy.getContext('2d');
  ink.drawImage(canvas, 0, 0);
  ink.globalCompositeOperation = 'source-in';
  ink.fillStyle = colour;
  ink.fillRect(0, 0, copy.width, copy.height);
  return copy;
}
