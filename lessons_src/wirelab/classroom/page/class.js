// A pupil's page: comes in with a name and a code, chats, goes into rooms, and shows how its connection stands.
// What others wrote is set as text everywhere.

import { Chat } from "./chat.js";
import { $ } from "./dom.js";
import { Line } from "./line.js";
import { Rooms } from "./rooms.js";
import { State } from "./state.js";

const settings = JSON.parse($("settings").content);
const STORE = "the class";
const TRY_AGAIN = new Set(["full"]);

// A tab keeps who it is over a reload. A private window may keep nothing: then it is somebody new.
function remembered() {
  try {
    return JSON.parse(sessionStorage.getItem(STORE)) ?? {};
  } catch {
    return {};
  }
}

function remember(me) {
  try {
    sessionStorage.setItem(STORE, JSON.stringify(me));
  } catch { /* then not */ }
}

// crypto.randomUUID is there for https and localhost alone.
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// What was typed behind the # may be anything: then the code is asked for.
function codeInAddress() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return "";
  }
}

const me = { key: newKey(), name: "", code: "", ...remembered() };
me.code = codeInAddress() || me.code;
let line = null, state = null, chat = null, rooms = null;

function show(part) {
  for (const id of ["door", "class", "over"]) $(id).hidden = id !== part;
}

function askAtTheDoor(sentence, field) {
  show("door");
  $("refused").textContent = sentence;
  $("code-label").hidden = Boolean(me.code) && field !== "code";
  $("name").maxLength = settings.name;
  $("name").value = me.name;
  $("code").value = field === "code" ? "" : me.code;
  $(field).focus();
}

function comeIn() {
  remember(me);
  line?.socket.disconnect();
  const auth = { code: me.code, key: me.key, name: me.name };
  line = new Line(settings, auth, () => state?.show(), (words) => state?.note(words));
  state = new State(line, () => chat.kept());
  chat = new Chat(line.socket, settings, me);
  rooms = new Rooms(line.socket);
  listen(line);
  $("my-name").textContent = me.name;
  show("class");
  line.connect();
}

function listen({ socket }) {
  socket.on("welcome", (welcome) => {
    me.name = welcome.name;
    socket.auth.name = me.name;
    remember(me);
    $("my-name").textContent = me.name;
    document.title = `${me.name} · The class`;
    rooms.welcome(welcome.rooms);
  });
  socket.on("people", (count) => { $("people").textContent = `${count} here`; });
  socket.on("goodbye", ({ why, sentence }) => leave(sentence, why));
  socket.on("connect_error", (error) => error.data && refused(error.data.why, error.message));
  socket.on("connect", () => { $("refused").textContent = ""; });
}

// The server does not let us in, and says why. Nobody tries again without being asked.
function refused(why, sentence) {
  if (why === "barred") return leave(sentence, why);
  if (TRY_AGAIN.has(why)) return line.refused(sentence);
  line.socket.disconnect();
  return askAtTheDoor(sentence, why === "name" ? "name" : "code");
}

function leave(sentence, why) {
  line.socket.disconnect();
  $("over-title").textContent = why === "over" ? "The class is over" : "You are out";
  $("over-text").textContent = sentence;
  $("back").hidden = why === "barred";
  show("over");
  $("over-title").focus();
}

$("enter").addEventListener("submit", (event) => {
  event.preventDefault();
  me.name = $("name").value.trim();
  me.code = $("code").value.trim() || me.code;
  if (!me.name) askAtTheDoor("Write a name first.", "name");
  else if (!me.code) askAtTheDoor("Write the code that is on the board.", "code");
  else comeIn();
});
$("again").addEventListener("click", () => line.connect());
$("back").addEventListener("click", comeIn);
$("leave").addEventListener("click", () => leave("You have left. Your page is closed for what the others say.", "left"));
addEventListener("pagehide", () => line?.socket.disconnect());
addEventListener("pageshow", ({ persisted }) => persisted && line?.connect());
addEventListener("hashchange", () => location.reload());

if (me.name && me.code) comeIn();
else askAtTheDoor("", me.code ? "name" : "code");
if (!me.code) $("name").focus();
