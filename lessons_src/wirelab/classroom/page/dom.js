// The page's elements, by their ids.

/** @returns {any} */
export function $(id) { return document.getElementById(id); }
