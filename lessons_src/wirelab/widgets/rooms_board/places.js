// Where rooms and chips are (as in places.py, which sends it): across in columns, downwards in pixels.

export function across(column, width, { columns }) { return (column * width) / columns; }

// The cell under a point of the board; null outside.
export function cellAt(x, y, width, plan) {
  if (x < 0 || x > width || y < 0 || y > plan.height) return null;
  const column = Math.min(plan.columns - 1, Math.floor((x * plan.columns) / width));
  const isLower = y > plan.middle;
  return plan.cells.find((cell) => cell.column === column && cell.rooms.includes("copper") === isLower);
}

export function sameRooms(some, others) { return some.length === others.length && some.every((room) => others.includes(room)); }
