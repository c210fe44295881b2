// What the document says of itself and what it may not hold; read once a page, widths make no difference.
probe.document = () => {
  const attribute = (selector, name) => document.querySelector(selector)?.getAttribute(name) ?? null;
  const named = (kind) =>
    Object.fromEntries([...document.querySelectorAll(`meta[${kind}]`)].map((m) => [m.getAttribute(kind), m.getAttribute("content") ?? ""]));
  return {
    title: document.title.trim(),
    language: root.lang,
    canonical: attribute("link[rel=canonical]", "href"),
    icon: attribute("link[rel~=icon]", "href"),
    names: named("name"),
    properties: named("property"),
    pictures: [...document.querySelectorAll('meta[property="og:image"]')].map((m) => m.content),
    data: [...document.querySelectorAll('script[type="application/ld+json"]')].map((s) => s.textContent),
    shown: {
      telephone: document.querySelector('a[href^="tel:"]') !== null,
      address: document.querySelector(".address") !== null,
      openingHoursSpecification: document.querySelector(".hours > div:not(.closed, .phone) > dt:not(.vh)") !== null,
    },
    landmarks: ["main", "h1"].filter((name) => !document.querySelector(name)),
  };
};

const FORBIDDEN = "iframe, frame, object, embed, base, applet, style, meta[http-equiv=refresh], link[rel=import], script:not([type='application/ld+json'])";

probe.forbidden = () => {
  const found = [...document.querySelectorAll(FORBIDDEN)].map((e) => [e, `<${e.localName}>`]);
  for (const element of document.querySelectorAll("*"))
    for (const { name, value } of element.attributes)
      if (name.startsWith("on") || name === "style" || name === "srcdoc" || /^\s*(javascript|vbscript|data:text)/i.test(value))
        found.push([element, `<${element.localName} ${name}>`]);
  return { forbidden: found };
};

probe.forms = () => {
  const found = [];
  for (const form of document.forms) {
    const action = form.getAttribute("action") ?? "";
    if (form.method !== "post" || /^([a-z]+:|\/\/)/i.test(action)) found.push([form, `${form.method} ${action}`]);
    for (const field of form.querySelectorAll("input:not([type=hidden]), textarea, select"))
      if (!field.labels.length && !field.ariaLabel) found.push([field, field.name]);
    if (!form.querySelector("[type=submit]")) found.push([form, "submit"]);
  }
  return { form: found };
};

// Kept by the browser since the page began; unload, input and scroll have not happened.
probe.shift = () => {
  const observer = new PerformanceObserver(() => {});
  observer.observe({ type: "layout-shift", buffered: true });
  return { layout_shift: observer.takeRecords().reduce((sum, entry) => sum + (entry.hadRecentInput ? 0 : entry.value), 0) };
};
