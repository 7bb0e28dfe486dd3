/** An image that is small enough for the server, as a rule: 800 pixels at most, as JPEG. */
async function smaller(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, 800 / Math.max(picture.width, picture.height));
  const canvas = new OffscreenCanvas(Math.ceil(picture.width * scale), Math.ceil(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.8 });
  return blob.arrayBuffer();
}

part("say").onsubmit = (event) => {
  event.preventDefault();
  const text = part("text").value.trim();
  if (text) send(text);
  part("text").value = "";
};
part("image").onchange = async () => {
  const [file] = part("image").files;
  part("image").value = "";
  try {
    if (file) send(await smaller(file));
  } catch {
    part("said").append(make("li", `${file.name} cannot be read as an image.`, { className: "trouble" }));
  }
};
part("room").onchange = () => {
  part("said").replaceChildren();
  enter(part("room").value);
};
part("name").onchange = () => { // who one is, is said when one connects: the page begins anew
  location.hash = new URLSearchParams({ name: name() });
  socket.disconnect();
  setTimeout(() => location.reload(), 200); // when the goodbye is out
};
