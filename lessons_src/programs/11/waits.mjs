import { io } from "socket.io-client";

const [reconnectionDelay, reconnectionDelayMax, randomizationFactor] = settings;
const official = (chance) => {
  const options = { reconnectionDelay, reconnectionDelayMax, randomizationFactor, autoConnect: false, forceNew: true };
  const { backoff } = Object(io("http://127.0.0.1", options).io);
  Math.random = () => chance;
  return Array.from({ length: times }, () => backoff.duration());
};
console.log(JSON.stringify(chances.map(official)));
