// Arrow keys go from cell to cell of the matrix; Tab enters and leaves it. Without this script every
// cell is a stop of Tab.

const matrix = document.querySelector("table.matrix");
if (matrix) {
  const rows = [...matrix.tBodies[0].rows].map((row) => [...row.querySelectorAll("td a")]);
  const cells = rows.flat();
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  for (const cell of cells) cell.tabIndex = -1;
  if (cells.length) cells[0].tabIndex = 0;
  const show = (cell) => {
    for (const other of cells) other.tabIndex = other === cell ? 0 : -1;
    cell.focus();
  };
  matrix.addEventListener("keydown", (event) => {
    const row = rows.findIndex((some) => some.includes(document.activeElement));
    if (row < 0) return;
    const column = rows[row].indexOf(document.activeElement);
    const step = steps[event.key];
    let cell = null;
    if (step) cell = rows[row + step[0]]?.[column + step[1]];
    else if (event.key === "Home") cell = rows[row][0];
    else if (event.key === "End") cell = rows[row].at(-1);
    else return;
    event.preventDefault();
    if (cell) show(cell);
  });
  const said = document.getElementById("cell-words");
  const tell = (event) => {
    if (said && event.target.title) said.textContent = event.target.title;
  };
  matrix.addEventListener("focusin", tell);
  matrix.addEventListener("pointerover", tell);
}
