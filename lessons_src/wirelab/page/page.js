// What the widgets share in the page. A notebook has no files beside it: each widget's script carries this text.

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;
const TAKES_KEYS = ["button", "input", "select", "summary", "textarea"];

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  if (tag === "button") element.type = "button";
  // A key pressed in here is not for JupyterLab, whose shortcuts (b, dd, …) would change the notebook.
  if (TAKES_KEYS.includes(tag) || "tabindex" in attributes) element.dataset.lmSuppressShortcuts = "true";
  element.append(...children);
  return element;
}

// A button that can do nothing now keeps the focus, and says why if it is pressed. `offer(refusal)` tells it.
export function offeredButton(label, title, press) {
  const button = make("button", { onclick: press, title }, label);
  const offer = (refusal) => {
    button.title = refusal || title;
    button.setAttribute("aria-disabled", String(Boolean(refusal)));
  };
  return { button, offer };
}

export function newId() { return crypto.randomUUID?.() ?? String(Math.random()); }

// The path under which Jupyter serves everything; null outside of Jupyter.
export function jupyterBase() {
  const element = document.getElementById("jupyter-config-data");
  return element ? new URL(JSON.parse(element.textContent).baseUrl, location.href).pathname : null;
}

// The address of one of the kernel's servers as this page reaches it through jupyter-server-proxy.
export function proxied(url, base) {
  const { port, pathname, search } = new URL(url);
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${location.host}${base}proxy/${port}${pathname}${search}`;
}

// A page at localhost with the base URL "/" may still belong to a kernel far away, behind a forwarded port: only a
// probe tells, which the kernel's own machine answers.
export function mayBeLocal(base) { return base === "/" && LOOPBACK.test(location.hostname); }

export async function reaches(probe) {
  try {
    return (await fetch(probe, { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}
