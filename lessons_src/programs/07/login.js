const login = (name, password) => ask("/login", { name, password });
