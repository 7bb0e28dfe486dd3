const pen = canvas.getContext("2d");
const COLOURS = ["black", "crimson", "orange", "seagreen", "royalblue", "white"];
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
let [x, y] = [8, 8];

for (const colour of COLOURS) {
  const [label, choice] = ["label", "input"].map((name) => document.createElement(name));
  Object.assign(choice, { type: "radio", name: "colour", value: colour, checked: colour === "crimson" });
  label.append(choice, colour);
  document.getElementById("colours").append(label);
}
function fill(colour, ...where) {
  pen.fillStyle = colour;
  pen.fillRect(...where);
}
const paint = () => fill(form.elements.colour.value, x, y, 1, 1);
const clear = () => fill("white", 0, 0, 16, 16);

canvas.onkeydown = (event) => {
  if (event.key !== " " && !STEPS[event.key]) return;
  event.preventDefault();
  const [right, down] = STEPS[event.key] ?? [0, 0];
  [x, y] = [Math.min(15, Math.max(0, x + right)), Math.min(15, Math.max(0, y + down))];
  if (event.key === " ") paint();
  tell("column " + (x + 1) + ", row " + (y + 1));
};
canvas.onpointerdown = canvas.onpointermove = (event) => {
  if (!event.buttons) return;
  [x, y] = [Math.floor(event.offsetX / 12), Math.floor(event.offsetY / 12)];
  paint();
};
document.getElementById("clear").onclick = clear;
clear();
for (const eyeOrMouth of [[4, 4, 2, 3], [10, 4, 2, 3], [3, 10, 1, 1], [12, 10, 1, 1], [4, 11, 8, 1]]) fill("royalblue", ...eyeOrMouth);
