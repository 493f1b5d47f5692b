const data = JSON.parse(document.getElementById("data").textContent);
const text = (at) => (at < 0 ? "" : data.texts[at]);
const one = (id) => document.getElementById(id);
const size = (n) => {
  for (const [unit, factor] of [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]])
    if (n >= factor) return `${Number((n / factor).toPrecision(3))} ${unit}`;
  return `${n} B`;
};
const make = (name, content, is) => {
  const made = document.createElement(name);
  if (is) made.className = is;
  made.append(content);
  return made;
};

// A cell, opened: what page.py packed, in the order of its FIELDS.
function open(key) {
  const [board, scenario, client] = key.split("/");
  const packed = data.cells[key];
  if (!packed) return;
  const cell = Object.fromEntries(data.fields.map((name, at) => [name, packed[at]]));
  const body = one("cell-body");
  const title = make("h3", `${client} in ${scenario}`);
  title.id = "cell-title";
  const list = document.createElement("dl");
  const row = (name, ...contents) => {
    if (!contents.some((content) => content)) return;
    const told = document.createElement("dd");
    told.append(...contents.filter((content) => content));
    list.append(make("dt", name), told);
  };
  const saved = cell.saved === cell.right && cell.right === cell.object
    ? `all ${size(cell.object)}`
    : `${size(cell.saved)}, ${size(cell.right)} right from the start on, of ${size(cell.object)}`;
  const extra = Math.max(0, cell.sent - cell.object);
  const is = document.querySelector(`[data-key="${CSS.escape(key)}"]`).className;
  row("came to", make("span", `${text(cell.sign)} ${text(cell.word)}`, is));
  row("because", text(cell.verdict));
  row("it said", `${text(cell.said)} after ${cell.seconds} s`, words(cell));
  row("it saved", saved);
  row("requests", `${cell.requests}, ${size(cell.sent)} sent${extra ? `, ${size(extra)} beyond the object` : ""}`);
  row("what broke", text(cell.faults));
  row("its clock", clock(cell));
  row("known", text(cell.known));
  row("version", data.versions[client]);
  row("command", make("code", data.commands[board][client]));
  row("again", make("pre", again(board, scenario, client)));
  body.replaceChildren(title, make("p", data.titles[scenario] ?? "", "soft"), list);
  history.replaceState(null, "", `#${key}`);
  if (!one("cell").open) one("cell").showModal();
}

const words = (cell) => (text(cell.words) ? make("pre", text(cell.words)) : "");

function clock(cell) {
  if (text(cell.real_clock)) return `the machine's: ${text(cell.real_clock)}`;
  return cell.clock === 1 ? "the machine's, as the scenario" : `${cell.clock} times as fast, as the scenario`;
}

function again(board, scenario, client) {
  if (board === "paths") return `python3 harness/clients/paths/run.py --only ${client} ${scenario}`;
  const how = { plain: "", careful: "--careful ", kept: "--twice " }[board];
  return `python3 harness/clients/run.py ${how}--only ${client}${board === "kept" ? "" : ` ${scenario}`}`;
}

// Filters: columns of other clients and rows without anything go, other cells fade.
function filter() {
  const client = one("client").value;
  const wrong = one("wrong").value;
  const part = one("scenario").value.trim().toLowerCase();
  let count = 0;
  for (const table of document.querySelectorAll("table[data-board]")) {
    const columns = [...table.querySelectorAll("thead th[data-client]")];
    const shown = columns.map((th) => !client || th.dataset.client === client);
    columns.forEach((th, at) => { th.hidden = !shown[at]; });
    let rows = 0;
    for (const tr of table.tBodies[0].rows) {
      let any = 0;
      [...tr.cells].slice(1).forEach((td, at) => {
        const button = td.firstElementChild;
        const fits = shown[at] && button && (!wrong || button.dataset.is.split(" ").includes(wrong));
        td.hidden = !shown[at];
        td.classList.toggle("off", !fits);
        any += fits ? 1 : 0;
      });
      tr.hidden = !any || !tr.dataset.scenario.includes(part);
      if (!tr.hidden) { rows += 1; count += any; }
    }
    table.closest("section").hidden = rows === 0;
  }
  one("count").value = `${count} of ${Object.keys(data.cells).length} cells`;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("td button");
  if (button) open(button.dataset.key);
  const name = event.target.closest(".ranking a");
  if (name) { event.preventDefault(); one("client").value = name.dataset.client; filter(); one("filters").scrollIntoView(); }
});
one("cell").addEventListener("click", (event) => { if (event.target === one("cell")) one("cell").close(); });
one("cell").addEventListener("close", () => history.replaceState(null, "", location.pathname + location.search));
one("filters").addEventListener("submit", (event) => event.preventDefault());
one("filters").addEventListener("input", filter);
one("filters").hidden = false;
filter();
if (location.hash) open(decodeURIComponent(location.hash.slice(1)));
