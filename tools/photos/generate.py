"""Renders product photos with exact masks: ``generate.py tuning|unseen --count N --out FOLDER --three FOLDER``.

``--three`` is a folder in which ``npm install three`` was run. Chromium renders on the processor; nothing is uploaded.
"""

from __future__ import annotations

import argparse
import base64
import json
import mimetypes
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import plan
import textures
from playwright.sync_api import Page, Route, sync_playwright

HERE = Path(__file__).parent
FLAGS = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist", "--disable-dev-shm-usage"]
Picture = npt.NDArray[Any]


def serve(route: Route, roots: list[Path]) -> None:
    """Answers from the given folders alone; anything else is refused."""
    name = route.request.url.removeprefix("http://local/").split("?")[0]
    found = next((root / name for root in roots if (root / name).is_file()), None)
    if found is None:
        route.abort()
        return
    route.fulfill(body=found.read_bytes(), content_type=mimetypes.guess_type(name)[0] or "text/javascript")


def decoded(uri: str) -> Picture:
    data = np.frombuffer(base64.b64decode(uri.split(",")[1]), np.uint8)
    return cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def defocused(photo: Picture, mask: Picture, depth: Picture, sigma: float) -> Picture:
    """Blurs what lies behind the product, more the farther it is; the product's own light does not leak out."""
    inside = mask[..., None] / 255
    reach = np.median(depth[mask > 127]) if (mask > 127).any() else 85.0
    share = ((depth - reach) / 60.0).clip(0, 1)[..., None] * (1 - inside)
    weight = cv2.GaussianBlur(1 - inside[..., 0], (0, 0), sigma)[..., None] + 1e-3
    blurred = cv2.GaussianBlur(photo * (1 - inside), (0, 0), sigma) / weight
    return photo * (1 - share) + blurred * share


def degraded(photo: Picture, r: np.random.Generator) -> Picture:
    """What a phone does to a scene: white balance, vignette, gradient, softness, noise."""
    h, w = photo.shape[:2]
    y, x = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j]
    photo = photo * (1 + np.array([r.normal(0, 0.05), 0, r.normal(0, 0.06)])) * r.uniform(0.8, 1.12)
    photo = photo * (1 - r.uniform(0, 0.28) * (x * x + y * y) / 2)[..., None] * (1 + r.normal(0, 0.1) * x)[..., None]
    photo = 255 * (photo.clip(0, 255) / 255) ** r.uniform(0.85, 1.15)
    photo = cv2.GaussianBlur(photo, (0, 0), r.uniform(0.3, 1.2) * max(h, w) / 1024)
    coarse = cv2.resize(r.normal(0, 1, (h // 2, w // 2, 3)), (w, h))
    return photo + r.normal(0, r.uniform(0.5, 5), photo.shape) + coarse * r.uniform(0, 3)


def write(folder: Path, number: int, photo: Picture, mask: Picture, quality: int) -> None:
    cv2.imwrite(
        str(folder / f"{number:03d}.jpg"),
        cv2.cvtColor(photo.clip(0, 255).astype(np.uint8), cv2.COLOR_RGB2BGR),
        [cv2.IMWRITE_JPEG_QUALITY, quality],
    )
    cv2.imwrite(str(folder / f"{number:03d}_gt.png"), mask)


def take(page: Page, spec: plan.Spec, folder: Path, number: int) -> None:
    r = np.random.default_rng(spec["seed"])
    photo, mask, depth = (decoded(uri) for uri in page.evaluate("spec => shot(spec)", spec))
    photo = photo.astype(np.float64)
    if spec["defocus"]:
        photo = defocused(
            photo, mask[..., 0], depth[..., 0].astype(np.float64), spec["defocus"] * max(photo.shape) / 1024
        )
    write(folder, number, degraded(photo, r), mask[..., 0], int(r.uniform(72, 95)))


def scaled(spec: plan.Spec, side: int) -> plan.Spec:
    return spec | {"width": spec["width"] * side // 1024, "height": spec["height"] * side // 1024}


def generate(half: str, count: int, series: int, side: int, out: Path, three: Path) -> None:
    textures.write(three / "textures")
    out.mkdir(parents=True, exist_ok=True)
    specs = [scaled(spec, side) for spec in plan.photos(half, count, series)]
    (out / "plan.json").write_text(json.dumps(specs))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS, chromium_sandbox=False)
        page = browser.new_page()
        page.on("pageerror", lambda error: print("page:", str(error)[:300]))
        page.route("**/*", lambda route: serve(route, [HERE, three]))
        page.goto("http://local/page.html")
        page.wait_for_function("window.ready", timeout=120_000)
        for number, spec in enumerate(specs):
            if not (out / f"{number:03d}_gt.png").exists():
                take(page, spec, out, number)
                print(number, spec["product"], spec["class"], flush=True)
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("half", choices=["tuning", "unseen"])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--series", type=int, default=0)
    parser.add_argument("--side", type=int, default=1024)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--three", type=Path, required=True)
    given = parser.parse_args()
    generate(given.half, given.count, given.series, given.side, given.out, given.three)


if __name__ == "__main__":
    main()
