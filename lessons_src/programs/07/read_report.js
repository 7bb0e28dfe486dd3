on("/report", ({ title }) => { console.log(title); socket.close(); });
socket.onopen = () => send("/report", { year: 2009 });
