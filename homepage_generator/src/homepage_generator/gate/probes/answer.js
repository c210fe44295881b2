// The answers of those that were asked, elements told by the section that they lie in.
const told = ([element, evidence]) => ({ section: sectionOf(element), evidence });
const areElements = (rows) => Array.isArray(rows) && rows.every((row) => row?.[0] instanceof Element);
const plain = (found) =>
  Array.isArray(found)
    ? found
    : Object.fromEntries(Object.entries(found).map(([check, rows]) => [check, areElements(rows) ? rows.map(told) : rows]));

return Object.fromEntries(names.map((name) => [name, plain(probe[name]())]));
