// Text from the lesson is shown as text; what stands in backticks becomes code.
function write(element, text) {
  text.split("`").forEach((part, index) => {
    const node = index % 2 ? document.createElement("code") : document.createTextNode(part);
    if (index % 2) node.textContent = part;
    element.append(node);
  });
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
