// Fruit, bread, dishes.
import { at, ball, between, block, clear, glossy, group, hsl, matte, pick, ring, rod, speckled, turned, warped } from '../forms.js';
import * as THREE from 'three';

function fruit(r, hue, squash = 0.88) {
  const profile = [];
  for (let i = 0; i <= 50; i++) {
    const a = (i / 50) * Math.PI, top = Math.exp(-(((Math.PI - a) / 0.38) ** 2)), low = Math.exp(-((a / 0.3) ** 2));
    profile.push([Math.max(1e-4, Math.sin(a) * (1 + 0.08 * Math.cos(a))), -Math.cos(a) * squash - 0.25 * top + 0.14 * low]);
  }
  const all = group(turned(profile, speckled(r, hsl(hue, between(r, 0.6, 0.85), between(r, 0.3, 0.5)))), at(rod(0.035, 0.05, 0.5, matte(0x4a3015)), 0, 0.8, 0, 0, 0, 0.2));
  if (r() < 0.5) { const leaf = at(ball(0.24, matte(0x3d7a24)), 0.28, 0.95, 0, 0, 0, 0.3); leaf.scale.set(1, 0.12, 0.5); all.add(leaf); }
  return all;
}

const HUES = [0, 0.02, 0.09, 0.13, 0.24, 0.97];
const dish = (r, radius) => turned([[0, 0], [radius * 0.5, 0], [radius * 0.8, 0.18], [radius, 0.26], [radius, 0.3], [radius * 0.76, 0.24], [radius * 0.5, 0.1], [0, 0.1]], glossy(pick(r, [0xffffff, 0xf1ece2, 0x2b2f36, 0xbfd0d6])));

export const FOOD = {
  apple: (r) => at(fruit(r, pick(r, HUES)), 0, 0.88, 0, between(r, -0.2, 0.2), 0, between(r, -0.2, 0.2)),
  apples(r) {
    const hue = pick(r, HUES), all = new THREE.Group(), n = pick(r, [2, 3, 4]);
    for (let i = 0; i < n; i++) all.add(at(fruit(r, hue), (i - (n - 1) / 2) * 1.75, 0.88, i % 2 ? 0.7 : 0, r() * 0.3, r() * 6, r() * 0.3));
    return all;
  },
  crate(r) {
    const wood = matte(hsl(0.09, between(r, 0.2, 0.5), between(r, 0.3, 0.65))), hue = pick(r, HUES), all = group(at(block(3, 0.08, 2, wood), 0, 0.04, 0));
    [-1, 1].forEach((z) => [0.25, 0.68].forEach((y) => all.add(at(block(3, 0.35, 0.08, wood), 0, y, z))));
    [-1.5, 1.5].forEach((x) => all.add(at(block(0.08, 0.85, 2, wood), x, 0.43, 0)));
    for (let i = 0; i < 4; i++) for (let j = 0; j < 3; j++) { const one = at(fruit(r, hue), -1.1 + i * 0.73, 0.8 + r() * 0.12, -0.62 + j * 0.62, r(), r() * 6, r()); one.scale.setScalar(0.4); all.add(one); }
    return at(all, 0, 0, 0, 0, between(r, -0.5, 0.5), 0);
  },
  bread(r) {
    const all = new THREE.Group(), n = pick(r, [1, 2, 3]);
    for (let i = 0; i < n; i++) {
      const loaf = warped(ball(0.7, speckled(r, hsl(0.08, 0.5, between(r, 0.35, 0.55)))), (x, y, z) => {
        const f = 1 + 0.05 * Math.sin(x * 9 + i) * Math.cos(z * 8) + 0.03 * Math.sin(y * 21);
        return [x * f * 1.25, Math.max(-0.4, y * 0.75 * f), z * f];
      });
      all.add(at(loaf, (i - (n - 1) / 2) * 1.2, 0.4, i === 1 ? 0.5 : 0, 0, r(), 0));
    }
    return all;
  },
  plate(r) {
    const all = group(dish(r, 1.9)), base = pick(r, [hsl(0.07, 0.7, 0.5), hsl(0.03, 0.6, 0.4), hsl(0.12, 0.7, 0.65), hsl(0.08, 0.45, 0.35), hsl(0.28, 0.4, 0.4)]);
    for (let i = 0; i < 24; i++) {
      const a = r() * 6.3, q = r() * 0.9;
      all.add(at(new THREE.Mesh(new THREE.IcosahedronGeometry(0.16 + 0.2 * r(), 1), glossy(base.clone().offsetHSL(0.03 * (r() - 0.5), 0, 0.12 * (r() - 0.5)))), q * Math.cos(a), 0.25 + 0.35 * (1 - q), q * Math.sin(a), r() * 3, r() * 3, 0));
    }
    return all;
  },
  cake(r) {
    const icing = glossy(pick(r, [hsl(0.1, 0.5, 0.92), hsl(0.95, 0.5, 0.8), hsl(0.06, 0.4, 0.2), hsl(0.3, 0.3, 0.75)])), h = between(r, 0.7, 1.2);
    const all = group(at(rod(1.1, 1.1, h, icing), 0, h / 2 + 0.1, 0), rod(1.4, 1.4, 0.08, matte(0xf6f3ea)));
    for (let i = 0; i < 10; i++) all.add(at(ball(0.17, glossy(hsl(between(r, -0.02, 0.04), 0.8, 0.4))), 0.85 * Math.cos(i * 0.63), h + 0.2, 0.85 * Math.sin(i * 0.63)));
    return all;
  },
  burger(r) {
    const bun = speckled(r, hsl(0.08, 0.6, 0.5)), top = ball(1, bun);
    top.scale.set(1, 0.6, 1);
    const lettuce = warped(rod(1.1, 1.1, 0.1, matte(hsl(0.26, 0.6, 0.4))), (x, y, z) => [x * (1 + 0.08 * Math.sin(9 * Math.atan2(z, x))), y, z]);
    return group(at(rod(1, 0.9, 0.4, bun), 0, 0.2, 0), at(rod(1.03, 1.03, 0.3, matte(hsl(0.04, 0.5, 0.2))), 0, 0.55, 0), at(block(1.5, 0.06, 1.5, glossy(0xf2b632)), 0, 0.73, 0, 0, 0.6, 0), at(lettuce, 0, 0.82, 0), at(top, 0, 0.88, 0));
  },
  noodlebowl(r) {
    const bowl = turned([[0, 0], [0.6, 0], [0.65, 0.12], [1.2, 0.6], [1.5, 1], [1.45, 1], [1.1, 0.62], [0, 0.3]], glossy(pick(r, [0xf4f2ec, 0x20242a, 0x9c3428, 0x6a8fa3])));
    const all = group(bowl, at(rod(1.38, 1.2, 0.1, glossy(pick(r, [hsl(0.03, 0.7, 0.4), hsl(0.09, 0.5, 0.55)]))), 0, 0.82, 0)), noodle = matte(hsl(0.12, 0.5, 0.75));
    for (let i = 0; i < 16; i++) all.add(at(ring(between(r, 0.25, 0.6), 0.05, noodle), 0.8 * (r() - 0.5), 0.92, 0.8 * (r() - 0.5), 1.4 + 0.3 * r(), 0.3 * r(), 0));
    all.add(at(ball(0.28, glossy(0xf7f2e4)), 0.6, 0.95, 0.5));
    [0, 0.15].forEach((z) => all.add(at(rod(0.03, 0.04, 3, matte(0x5a2d14)), 0.7, 1.12, z - 0.4, 0, 0.3, 1.45)));
    return all;
  },
  donuts(r) {
    const all = new THREE.Group();
    for (let i = 0; i < pick(r, [2, 3, 4]); i++) {
      const x = 0.15 * (r() - 0.5);
      all.add(at(ring(0.75, 0.36, speckled(r, hsl(0.08, 0.6, 0.5))), x, 0.36 + i * 0.62, 0, Math.PI / 2, 0, 0), at(ring(0.75, 0.345, glossy(hsl(r(), 0.55, between(r, 0.3, 0.75)))), x, 0.42 + i * 0.62, 0, Math.PI / 2, 0, 0));
    }
    return all;
  },
  grapes(r) {
    const all = group(at(rod(0.04, 0.05, 0.6, matte(0x5a4420)), 0, 1.9, 0)), hue = pick(r, [0.8, 0.22, 0.95]);
    for (let level = 0; level < 7; level++) for (let i = 0; i < 3 + level; i++) all.add(at(ball(0.22, glossy(hsl(hue, 0.45, between(r, 0.2, 0.45)))), (0.12 + 0.11 * level) * Math.cos(i * 6.28 / (3 + level) + level), 0.2 + level * 0.24, (0.12 + 0.09 * level) * Math.sin(i * 6.28 / (3 + level) + level)));
    return all;
  },
  icecream(r) {
    const all = group(turned([[0, 0], [0.4, 0], [0.1, 0.12], [0.1, 0.4], [0.75, 1.1], [0.72, 1.1], [0, 0.45]], clear(0xf4fbff)));
    [[-0.3, 1.2, 0], [0.32, 1.2, 0.05], [0, 1.6, 0]].forEach(([x, y, z]) => all.add(at(ball(0.45, speckled(r, hsl(r(), 0.45, between(r, 0.6, 0.85)))), x, y, z)));
    return all;
  },
};
