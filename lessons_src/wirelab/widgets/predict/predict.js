// `code`, **strong** and *emphasis*, as in text.py; all else is shown as text.
const MARKED = /`([^`]+)`|\*\*(.+?)\*\*|\*(?!\s)([^*]+?)(?<!\s)\*/g;

function write(element, text) {
  let end = 0;
  for (const found of text.matchAll(MARKED)) {
    element.append(text.slice(end, found.index));
    const [whole, code, strong, emphasis] = found;
    const node = document.createElement(code ? "code" : strong ? "strong" : "em");
    if (code) node.textContent = code;
    else write(node, strong ?? emphasis);
    element.append(node);
    end = found.index + whole.length;
  }
  element.append(text.slice(end));
}

function render({ model, el }) {
  const group = document.createElement("fieldset");
  group.className = "wl-predict";
  const legend = document.createElement("legend");
  write(legend, model.get("question"));
  group.append(legend);

  const name = `predict-${Math.random()}`;
  const buttons = Object.entries(model.get("options")).map(([key, text]) => {
    const label = document.createElement("label");
    const button = document.createElement("input");
    Object.assign(button, { type: "radio", name, value: key });
    button.dataset.lmSuppressShortcuts = "true"; // else JupyterLab's arrow keys move between cells
    button.addEventListener("change", () => {
      model.set("choice", key);
      model.save_changes();
    });
    const words = document.createElement("span");
    write(words, `${key}) ${text}`);
    label.append(button, words);
    group.append(label);
    return button;
  });
  // Who has chosen by mouse presses Shift+Enter next, and means the cell; the keyboard's arrows stay with the options.
  group.addEventListener("pointerup", () => setTimeout(() => el.closest(".jp-Cell")?.focus()));
  const noted = document.createElement("p");
  noted.setAttribute("role", "status");
  group.append(noted);
  el.append(group);

  function show() {
    const choice = model.get("choice");
    for (const button of buttons) button.checked = button.value === choice;
    noted.textContent = choice ? "Noted. Run on and find out." : "What do you think? Choose before you run on.";
  }
  model.on("change:choice", show);
  show();
  return () => model.off("change:choice", show);
}

export default { render };
