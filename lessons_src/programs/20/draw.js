const part = (id) => document.getElementById(id);
const follow = () => { part("said").scrollTop = part("said").scrollHeight; };
const name = () => part("name").value.trim() || "Somebody";
const make = (kind, textContent, more) => Object.assign(document.createElement(kind), { textContent, ...more });

function state(kind, words) {
  part("state").dataset.state = kind;
  part("state").textContent = words;
}

function shown(content) {
  if (typeof content === "string") return make("span", content);
  const src = URL.createObjectURL(new Blob([content]));
  const onload = () => { URL.revokeObjectURL(src); follow(); };
  return make("img", "", { src, onload, alt: "an image that was sent" });
}
function time(place) {
  const [milliseconds, count] = place.split("-").map(Number);
  return milliseconds * 1000 + count;
}

/** Show a message, unless it is there. One that is on its way has no place yet, and stands at the end. */
function show({ id, by, content }, place) {
  const when = (line) => Number(line.dataset.time ?? Infinity);
  let line = part(`m-${id}`);
  if (!line) {
    line = make("li", "", { id: `m-${id}`, className: by === name() ? "mine" : "" });
    line.append(make("b", by), " ", shown(content), " ", make("span", "", { className: "arrived" }));
    part("said").append(line);
  }
  if (place) line.dataset.time = time(place);
  const later = [...part("said").children].find((other) => when(other) > when(line)) ?? null;
  if (later !== line.nextSibling) part("said").insertBefore(line, later);
  follow();
}
