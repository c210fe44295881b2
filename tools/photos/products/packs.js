// Boxes, bags, tubes and cartons.
import { anyColour, at, ball, between, block, extruded, glossy, group, hsl, material, matte, metal, packColour, pick, printed, ring, rod, turned, warped } from '../forms.js';
import * as THREE from 'three';

const print = (r, w = 1024, h = 700, roughness = 0.55) => material({ map: printed(r, packColour(r), w, h), roughness, side: THREE.DoubleSide });
const yaw = (object, r, low, high) => at(object, 0, 0, 0, 0, pick(r, [-1, 1]) * between(r, low, high), 0);

function carton(r, w, h, d) {
  const front = print(r), side = matte(packColour(r));
  return new THREE.Mesh(new THREE.BoxGeometry(w, h, d), [side, front, side, side, front, side]);
}

/** A filled pillow: two sheets bulged towards the middle, crimped at the ends. */
function pillow(r, w, h, bulge, skin) {
  const a = r() * 9, b = r() * 9;
  const half = (sign) => warped(new THREE.Mesh(new THREE.PlaneGeometry(w, h, 48, 56), skin), (x, y) => {
    const u = (2 * x) / w, v = (2 * y) / h;
    const f = Math.sqrt(Math.max(0, 1 - u * u)) * Math.pow(Math.max(0, 1 - Math.abs(v) ** 3), 0.6);
    return [x * (0.93 + 0.07 * v ** 4 + 0.01 * Math.sin(v * 20 + a)), y, sign * f * (bulge + 0.03 * Math.sin(u * 9 + a + v * 4) + 0.03 * Math.sin(v * 17 + b + u * 3))];
  });
  return group(half(1), half(-1));
}

export const PACKS = {
  giftbox(r) {
    const w = between(r, 1.4, 2.2), h = between(r, 0.7, 1.5), d = between(r, 0.8, 1.4), ribbon = metal(pick(r, [0xc2a04c, 0xb8282f, 0xf2efe8]));
    const all = group(at(block(w, h, d, print(r)), 0, h / 2, 0), at(block(0.2, h * 1.01, d * 1.01, ribbon), w * 0.2, h / 2, 0));
    if (r() < 0.5) [-1, 1].forEach((s) => all.add(at(ring(0.22, 0.06, ribbon), w * 0.2 + s * 0.2, h + 0.12, 0, 0, 0.4 * s, 0)));
    return yaw(all, r, 0, 0.6);
  },
  angledbox(r) {
    const h = between(r, 0.8, 2.2);
    return yaw(group(at(carton(r, between(r, 0.8, 2), h, between(r, 0.4, 1.4)), 0, h / 2, 0)), r, 0.4, 1);
  },
  tube(r) {
    const skin = print(r, 1024, 1024, 0.4), cap = glossy(pick(r, [new THREE.Color('#ffffff'), new THREE.Color('#c9a86a'), anyColour(r)]));
    const body = new THREE.Mesh(new THREE.CylinderGeometry(0.5, 0.5, 2.4, 48, 30, true), skin);
    warped(body, (x, y, z) => { const t = Math.min(1, Math.max(0, (y + 1.2) / 2.4)); return [x * (1 + 0.28 * t), y, z * (1 - 0.97 * t ** 1.6)]; });
    return yaw(group(at(body, 0, 1.7, 0), turned([[0, 0], [0.46, 0], [0.5, 0.05], [0.5, 0.5], [0, 0.52]], cap)), r, 0, 0.6);
  },
  snackbag(r) {
    const bag = pillow(r, between(r, 1.6, 2.2), between(r, 2.2, 3), between(r, 0.35, 0.6), material({ map: printed(r, anyColour(r), 1024, 1024), roughness: 0.28, metalness: 0.25, side: THREE.DoubleSide }));
    return at(bag, 0, 1.4, 0, -0.12, between(r, -0.5, 0.5), 0);
  },
  milkcarton(r) {
    const skin = print(r, 1024, 800), h = between(r, 1.3, 1.9);
    const roof = new THREE.Mesh(new THREE.CylinderGeometry(0.02, 0.707, 0.5, 4, 1), skin);
    roof.rotation.y = Math.PI / 4;
    roof.scale.set(1, 1, 1);
    return yaw(group(at(block(1, h, 1, skin), 0, h / 2, 0), at(roof, 0, h + 0.25, 0, 0, Math.PI / 4, 0), at(block(1, 0.22, 0.05, skin), 0, h + 0.55, 0)), r, 0.2, 0.9);
  },
  book(r) {
    const w = between(r, 1.3, 1.8), h = between(r, 1.8, 2.4), d = between(r, 0.15, 0.45);
    const cover = carton(r, w, h, d);
    return yaw(group(at(cover, 0, h / 2, 0), at(block(w * 0.96, h * 0.97, d * 0.8, matte(0xf4efe2)), 0.04, h / 2, 0)), r, 0.1, 0.8);
  },
  flatbox(r) {
    const lid = at(carton(r, 2.4, 0.4, 1.7), 0, 0.2, 0), all = group(lid), fill = pick(r, [hsl(0.06, 0.6, 0.45), hsl(0.12, 0.6, 0.6), hsl(0.95, 0.5, 0.6), hsl(0.3, 0.4, 0.4)]);
    for (let i = 0; i < 5; i++) for (let j = 0; j < 3; j++) all.add(at(ball(0.22, matte(fill.clone().offsetHSL(0.06 * (r() - 0.5), 0, 0.15 * (r() - 0.5)))), -0.96 + i * 0.48, 0.45, -0.55 + j * 0.55));
    return yaw(all, r, 0.1, 0.7);
  },
  soapstack(r) {
    const all = new THREE.Group();
    for (let i = 0; i < pick(r, [2, 3, 4]); i++) {
      const bar = extruded([[-0.8, -0.5], [0.8, -0.5], [0.9, 0], [0.8, 0.5], [-0.8, 0.5], [-0.9, 0], [-0.8, -0.5]], 0.3, matte(packColour(r)), 0.1);
      all.add(at(bar, 0.1 * (r() - 0.5), 0.26 + i * 0.52, 0, Math.PI / 2, 0, between(r, -0.3, 0.3)));
    }
    return yaw(all, r, 0, 0.6);
  },
  standpouch(r) {
    const bag = at(pillow(r, 1.8, 2.5, 0.42, print(r, 1024, 1024, between(r, 0.3, 0.8))), 0, 1.25, 0, -0.08, 0, 0);
    const all = group(bag, at(block(1.5, 0.05, 0.1, glossy(0xffffff)), 0, 2.1, 0.25));
    if (r() < 0.5) all.add(at(rod(0.18, 0.18, 0.3, glossy(anyColour(r))), 0.45, 2.5, 0));
    return yaw(all, r, 0, 0.5);
  },
  shoppingbag(r) {
    const w = between(r, 1.3, 2), h = between(r, 1.6, 2.4), cord = matte(anyColour(r));
    const loop = (z) => at(ring(0.3, 0.03, cord, Math.PI), 0, h, z);
    return yaw(group(at(carton(r, w, h, 0.7), 0, h / 2, 0), loop(0.3), loop(-0.3)), r, 0.1, 0.8);
  },
  watchbox(r) {
    const base = at(block(1.6, 0.5, 1.6, glossy(packColour(r))), 0, 0.25, 0), lid = at(block(1.6, 1.5, 0.2, glossy(packColour(r))), 0, 1.1, -0.85, -0.25, 0, 0);
    return yaw(group(base, lid, at(ring(0.5, 0.1, metal(0xd8b46a)), 0, 0.7, 0, 1.2, 0, 0), at(rod(0.35, 0.35, 0.1, metal(0xdddddd)), 0, 0.85, 0.45, 1.1, 0, 0)), r, 0.1, 0.7);
  },
};
