// What a finger has to hit, where the first screen leads, and where links go.
const LEAST = innerWidth < 800 ? 44 : 24; // WCAG 2.5.5 on phones; 2.5.8 where there is a mouse

const inRunningText = (link) => {
  if (style(link).display !== "inline") return false;
  const around = link.closest("p, li, dd, td, figcaption");
  return around !== null && around.textContent.trim().length > link.textContent.trim().length + 12;
};

// A box and the label that presses it are one target.
const targetOf = (element) => {
  const own = box(element);
  const label = element.matches("input[type=checkbox], input[type=radio]") && element.labels?.[0];
  if (!label) return own;
  const more = box(label);
  return { width: Math.max(own.right, more.right) - Math.min(own.left, more.left), height: Math.max(own.height, more.height) };
};

probe.targets = () => {
  const found = [];
  for (const element of document.querySelectorAll("a[href], button, summary, input:not([type=hidden]), select, textarea")) {
    if (!shown(element) || inRunningText(element)) continue;
    const { width, height } = targetOf(element);
    if (width < LEAST - 0.5 || height < LEAST - 0.5)
      found.push([element, `${brief(element.textContent || element.name || "")} ${Math.round(width)}×${Math.round(height)}`]);
  }
  return { tap_target: found };
};

// Run before the viewport is made as high as the page. A page that can be asked nothing has no call to show.
probe.firstFold = () => {
  const calls = [...document.querySelectorAll(".act, .dock a")].filter(shown);
  const inside = calls.filter((call) => box(call).top >= 0 && box(call).bottom <= innerHeight + 1);
  const hero = document.querySelector("[data-kind=hero]");
  return { call_in_fold: hero && calls.length && !inside.length ? [[hero, brief(calls[0].textContent)]] : [] };
};

probe.links = () => {
  const found = { dead_anchor: [], bad_link: [] };
  const files = [];
  for (const link of document.querySelectorAll("a[href], area[href]")) {
    const href = link.getAttribute("href").trim();
    const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(href)?.[1].toLowerCase();
    if (href.startsWith("#")) {
      if (!document.getElementById(decodeURIComponent(href.slice(1)))) found.dead_anchor.push([link, href]);
    } else if (!href || (scheme && !goodLink(scheme, href))) found.bad_link.push([link, href || "href=\"\""]);
    else if (!scheme) files.push([link, href]);
    if (link.target === "_blank" && !link.relList.contains("noopener")) found.bad_link.push([link, `${href} target=_blank`]);
  }
  return { ...found, file_links: files };
};
function goodLink(scheme, href) {
  if (scheme === "tel" || scheme === "sms") return /^(tel|sms):\+?[0-9-]{3,20}$/.test(href);
  if (scheme === "mailto") return /^mailto:[^@\s]+@[^@\s]+$/.test(href);
  return (scheme === "https" || scheme === "http") && URL.canParse(href);
}
