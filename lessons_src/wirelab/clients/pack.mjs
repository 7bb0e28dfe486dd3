// Bytes on their way through JSON: {"$bytes": "base64"}, as process/calls.py has them.

const STEP = 0x8000;

function base64(buffer) {
  const bytes = ArrayBuffer.isView(buffer)
    ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    : new Uint8Array(buffer);
  let text = "";
  for (let start = 0; start < bytes.length; start += STEP) text += String.fromCharCode(...bytes.subarray(start, start + STEP));
  return btoa(text);
}

export function pack(value) {
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return { $bytes: base64(value) };
  if (Array.isArray(value)) return value.map(pack);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, pack(each)]));
}

export function unpack(value) {
  if (Array.isArray(value)) return value.map(unpack);
  if (value === null || typeof value !== "object") return value;
  if (typeof value.$bytes === "string") return Uint8Array.from(atob(value.$bytes), (letter) => letter.charCodeAt(0));
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, unpack(each)]));
}
