// Shoes, plants, devices, furniture, and sets of several products.
import { anyColour, at, ball, between, block, clear, extruded, glossy, group, hsl, material, matte, metal, packColour, pick, ring, rod, speckled, turned } from '../forms.js';
import * as THREE from 'three';
import { VESSELS } from './vessels.js';
import { PACKS } from './packs.js';

const pot = (r) => turned([[0, 0], [0.5, 0], [0.65, 0.9], [0.7, 0.9], [0.7, 1.05], [0.58, 1.05], [0.55, 0.9], [0, 0.9]], pick(r, [matte, glossy])(pick(r, [hsl(0.05, 0.5, 0.45), new THREE.Color('#f2efe9'), packColour(r)])));

function leafShape(width, length) {
  const outline = new THREE.Shape();
  outline.moveTo(0, 0);
  outline.bezierCurveTo(width, length * 0.15, width, length * 0.65, 0, length);
  outline.bezierCurveTo(-width, length * 0.65, -width, length * 0.15, 0, 0);
  return new THREE.ShapeGeometry(outline, 14);
}

/** Several products side by side, sharing the ground. */
function row(r, makers) {
  const all = new THREE.Group();
  let x = 0;
  makers.forEach((make) => {
    const one = make(r), size = between(r, 0.7, 1.1), box = new THREE.Box3().setFromObject(one), width = (box.max.x - box.min.x) * size;
    one.scale.setScalar(size);
    one.position.set(x - box.min.x * size, -box.min.y * size + one.position.y * 0, between(r, -0.4, 0.4));
    x += width * between(r, 0.85, 1.15);
    all.add(one);
  });
  return all;
}

export const THINGS = {
  sneaker(r) {
    const body = at(extruded([[-1.5, 0], [-1.62, 0.6], [-1.45, 1.25], [-0.9, 1.28], [-0.5, 1.1], [0.1, 0.78], [0.8, 0.58], [1.5, 0.42], [1.7, 0.05], [0, 0], [-1.5, 0]], 0.55, matte(anyColour(r)), 0.15), 0, 0.25, 0);
    const sole = at(extruded([[-1.7, 0], [0, -0.03], [1.75, 0], [1.95, 0.15], [1.8, 0.3], [0, 0.3], [-1.7, 0.34], [-1.82, 0.15], [-1.7, 0]], 0.75, matte(pick(r, [0xf3f1ec, 0x3a2b1e, 0xd8c8a8])), 0.06), 0, 0.06, 0);
    const laces = [0, 1, 2, 3, 4].map((i) => at(block(0.07, 0.05, 0.62, matte(0xffffff)), -0.35 + i * 0.2, 1.28 - i * 0.12, 0, 0, 0, -0.5));
    return at(group(body, sole, ...laces), 0, 0, 0, 0, between(r, -0.8, 0.8) + pick(r, [0, Math.PI]), 0);
  },
  plant(r) {
    const all = group(pot(r)), leaf = material({ color: hsl(between(r, 0.24, 0.36), 0.45, between(r, 0.18, 0.35)), roughness: 0.6, side: THREE.DoubleSide });
    for (let i = 0; i < 24; i++) {
      const blade = at(ball(0.5, leaf), 0, 0.75, 0);
      blade.scale.set(0.22, 1.4, 0.06);
      all.add(at(group(blade), 0, 0.95, 0, (r() - 0.5) * 1.5, r() * 6, (r() - 0.5) * 1.6));
    }
    return all;
  },
  lamp(r) {
    const stem = metal(pick(r, [0xc9a24a, 0x222222, 0xd8d8d8])), shade = material({ color: pick(r, [0xf4ecd8, 0xd8d2c4, 0x8fa69a, 0x30343a]), roughness: 0.9, side: THREE.DoubleSide, emissive: 0x3a2a10 });
    return group(rod(0.6, 0.65, 0.12, stem), at(rod(0.05, 0.05, 1.8, stem), 0, 0.9, 0), at(new THREE.Mesh(new THREE.CylinderGeometry(0.5, 0.9, 0.9, 48, 1, true), shade), 0, 1.95, 0));
  },
  chair(r) {
    const wood = matte(pick(r, [hsl(0.08, 0.45, 0.35), hsl(0.09, 0.4, 0.6), anyColour(r)])), all = group(at(block(1.4, 0.12, 1.3, wood), 0, 1.2, 0), at(block(1.4, 0.5, 0.1, wood), 0, 2.3, -0.6));
    [[-1, -1], [1, -1], [-1, 1], [1, 1]].forEach(([x, z]) => all.add(at(rod(0.06, 0.05, z < 0 ? 2.5 : 1.2, wood), x * 0.62, z < 0 ? 1.25 : 0.6, z * 0.58)));
    return at(all, 0, 0, 0, 0, between(r, -0.9, 0.9), 0);
  },
  row(r) {
    const makers = [VESSELS.bottle, VESSELS.jar, VESSELS.pump, PACKS.tube, PACKS.angledbox, VESSELS.mug];
    return row(r, [pick(r, makers), pick(r, makers), pick(r, makers)]);
  },
  speaker(r) {
    const cloth = speckled(r, packColour(r), 2500, 0.02);
    return at(group(at(block(1.6, 2.1, 1, cloth), 0, 1.05, 0), at(ring(0.45, 0.05, metal(0x888888)), 0, 0.8, 0.5), at(rod(0.4, 0.4, 0.06, matte(0x1c1c1c)), 0, 0.8, 0.5, Math.PI / 2, 0, 0), at(rod(0.2, 0.2, 0.06, matte(0x1c1c1c)), 0, 1.6, 0.5, Math.PI / 2, 0, 0)), 0, 0, 0, 0, between(r, -0.6, 0.6), 0);
  },
  phone(r) {
    const rim = metal(anyColour(r)), screen = glossy(anyColour(r));
    return at(group(at(block(1.1, 2.2, 0.12, rim), 0, 1.1, 0), at(block(1, 2.08, 0.02, screen), 0, 1.1, 0.065), at(block(1.3, 0.1, 0.7, matte(packColour(r))), 0, 0.05, 0.1)), 0, 0, 0, -0.15, between(r, -0.7, 0.7), 0);
  },
  handbag(r) {
    const hide = anyColour(r), body = at(extruded([[-1.2, 0], [0, -0.03], [1.2, 0], [1.25, 0.8], [1, 1.5], [0, 1.55], [-1, 1.5], [-1.25, 0.8], [-1.2, 0]], 0.6, material({ color: hide, roughness: 0.5, clearcoat: 0.2 })), 0, 0.1, 0);
    return at(group(body, at(ring(0.62, 0.06, matte(hide.clone().multiplyScalar(0.6)), Math.PI), 0, 1.55, 0), at(block(0.3, 0.22, 0.1, metal(0xd0aa50)), 0, 1.1, 0.42)), 0, 0, 0, 0, between(r, -0.7, 0.7), 0);
  },
  headphones(r) {
    const shell = pick(r, [glossy, matte])(packColour(r)), cup = (x) => at(rod(0.5, 0.5, 0.35, shell), x, 0.55, 0, 0, 0, Math.PI / 2);
    return at(group(cup(-0.95), cup(0.95), at(ring(0.98, 0.1, shell, Math.PI), 0, 0.85, 0)), 0, 0, 0, 0, between(r, -0.8, 0.8), 0);
  },
  leafplant(r) {
    const all = group(pot(r)), skin = material({ color: hsl(between(r, 0.28, 0.38), 0.45, between(r, 0.18, 0.34)), roughness: 0.45, side: THREE.DoubleSide }), stalk = matte(0x54803a);
    for (let i = 0; i < 9; i++) {
      const tall = between(r, 0.5, 1.6), leaf = at(new THREE.Mesh(leafShape(0.5, 1.3), skin), 0, tall, 0, between(r, -1.2, -0.3), 0, 0);
      all.add(at(group(at(rod(0.025, 0.035, tall, stalk), 0, tall / 2, 0), leaf), 0, 0.85, 0, (r() - 0.5) * 0.5, i * 0.75, (r() - 0.5) * 1.1));
    }
    return all;
  },
  bear(r) {
    const fur = speckled(r, pick(r, [hsl(0.07, 0.4, 0.4), hsl(0.09, 0.4, 0.75), anyColour(r)]), 2000, 0.03), part = (s, x, y, z) => at(ball(s, fur), x, y, z);
    const dark = glossy(0x1a1210);
    return at(group(part(0.8, 0, 0.8, 0), part(0.62, 0, 1.9, 0.05), part(0.22, -0.5, 2.4, 0), part(0.22, 0.5, 2.4, 0), part(0.3, -0.8, 1.1, 0.3), part(0.3, 0.8, 1.1, 0.3), part(0.34, -0.5, 0.3, 0.7), part(0.34, 0.5, 0.3, 0.7), at(ball(0.07, dark), -0.22, 2.05, 0.6), at(ball(0.07, dark), 0.22, 2.05, 0.6), at(ball(0.1, dark), 0, 1.85, 0.66)), 0, 0, 0, 0, between(r, -0.6, 0.6), 0);
  },
  spectacles(r) {
    const rim = pick(r, [glossy(packColour(r)), metal(0xc9a24a)]), lens = (x) => group(at(ring(0.55, 0.07, rim), x, 0.62, 0), at(rod(0.52, 0.52, 0.03, clear(pick(r, [0x8a8f94, 0xffffff, 0x6a4a30]))), x, 0.62, 0, Math.PI / 2, 0, 0));
    return at(group(lens(-0.7), lens(0.7), at(block(0.3, 0.07, 0.07, rim), 0, 0.75, 0), at(block(0.06, 0.07, 1.6, rim), -1.25, 0.75, -0.8), at(block(0.06, 0.07, 1.6, rim), 1.25, 0.75, -0.8)), 0, 0, 0, 0, between(r, -0.6, 0.6), 0);
  },
  pair(r) {
    const makers = [VESSELS.dropper, PACKS.standpouch, VESSELS.can, VESSELS.candle, PACKS.soapstack, VESSELS.jar];
    return row(r, [pick(r, makers), pick(r, makers)]);
  },
};
