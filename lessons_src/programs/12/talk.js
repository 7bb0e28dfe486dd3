const [form, canvas, caption, said, state] = ["form", "canvas", "caption", "said", "state"].map((id) => document.getElementById(id));
const LIMIT = 2_000_000;
const tell = (words) => { state.textContent = words; };

const socket = io({ path: location.pathname + "socket.io/" });
socket.on("connect", () => tell("connected"));
socket.on("disconnect", (reason) => tell("disconnected: " + reason));
socket.on("picture", (words, bytes) => {
  const [figure, image, text] = ["figure", "img", "figcaption"].map((name) => document.createElement(name));
  image.src = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
  image.alt = words;
  text.textContent = words;
  figure.append(image, text);
  said.prepend(figure);
});

function send(picture) {
  if (picture.size > LIMIT) return tell("This picture has " + picture.size + " bytes, at most " + LIMIT + " can be sent.");
  socket.emit("picture", caption.value, picture);
  tell("sent " + picture.size + " bytes");
}
document.getElementById("file").onchange = (event) => { for (const file of event.target.files) send(file); };
form.onsubmit = (event) => {
  event.preventDefault();
  canvas.toBlob(send);
};
