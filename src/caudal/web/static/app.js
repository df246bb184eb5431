// What the pages do beyond links and forms. Everything works without it; it only makes it quicker.

/** Leave empty fields out of the address, so that it can be cited. */
function cleanAddresses() {
  for (const form of document.querySelectorAll("form[data-clean]")) {
    form.addEventListener("submit", () => {
      const touched = [...form.elements].filter((field) => field.name && !field.disabled && field.value === "");
      for (const field of touched) field.disabled = true;
      setTimeout(() => { for (const field of touched) field.disabled = false; });
    });
  }
}

/** The as-of slider: shows the day while it moves, goes there when it is let go. */
function timeTravel() {
  const form = document.getElementById("travel");
  if (!form) return;
  const slide = form.querySelector(".slide");
  const range = slide.querySelector("input");
  const said = slide.querySelector("output");
  const pick = form.querySelector("select");
  const days = [...pick.options].reverse();
  slide.hidden = false;
  form.querySelector(".pick").hidden = true;
  range.addEventListener("input", () => {
    const day = days[Number(range.value)];
    said.textContent = day.dataset.said;
    range.setAttribute("aria-valuetext", day.dataset.said);
    pick.value = day.value;
  });
  const begun = range.value;
  let waiting;
  range.addEventListener("change", () => {
    clearTimeout(waiting);
    // Keys change it step by step: wait until they rest.
    waiting = setTimeout(() => { if (range.value !== begun) form.requestSubmit(); }, 450);
  });
}

/** A cursor over a chart: pointer, touch and keyboard move one range input, which says the period and its figures. */
function chartCursor(figure) {
  const plot = figure.querySelector("[data-cursor]");
  const island = figure.querySelector("script.points");
  if (!plot || !island) return;
  const { width, height, top, bottom, points } = JSON.parse(island.textContent);
  if (!points || points.length < 2) return;
  const row = document.createElement("p");
  row.className = "scrub";
  const range = document.createElement("input");
  range.type = "range";
  range.min = "0";
  range.max = String(points.length - 1);
  range.value = range.max;
  range.setAttribute("aria-label", figure.querySelector("figcaption strong").textContent);
  const said = document.createElement("output");
  row.append(said, range);
  plot.after(row);
  const hair = document.createElement("span");
  const dot = document.createElement("span");
  hair.className = "hair";
  dot.className = "dot";
  plot.append(hair, dot);
  const show = () => {
    plot.classList.add("read");
    const [x, y, text] = points[Number(range.value)];
    const scale = plot.querySelector("svg").getBoundingClientRect().width / width;
    said.textContent = text;
    range.setAttribute("aria-valuetext", text);
    hair.style.left = `${x * scale}px`;
    hair.style.top = `${top * scale}px`;
    hair.style.height = `${(bottom - top) * scale}px`;
    dot.style.left = `${x * scale}px`;
    dot.style.top = `${Math.min(y, height) * scale}px`;
  };
  plot.addEventListener("pointermove", (event) => {
    const box = plot.querySelector("svg").getBoundingClientRect();
    const at = ((event.clientX - box.left) * width) / box.width;
    let best = 0;
    for (let i = 1; i < points.length; i += 1) {
      if (Math.abs(points[i][0] - at) < Math.abs(points[best][0] - at)) best = i;
    }
    range.value = String(best);
    show();
  });
  range.addEventListener("input", show);
  addEventListener("resize", show);
  show();
  plot.classList.remove("read"); // the lines of the cursor come with its first move
}

/** The code of a frame names this server in full. */
function frames() {
  const frame = document.getElementById("frame");
  if (frame) frame.value = frame.value.replace('src="/', `src="${location.origin}/`);
}

/** Copy an address. */
function copyButtons() {
  for (const button of document.querySelectorAll("button.copy")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    const words = button.textContent;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(new URL(button.dataset.copy, location.href).href);
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = words; }, 1500);
    });
  }
}

/** Weights of a negotiation: the ones that were moved go into the address. */
function weights() {
  const form = document.querySelector("form[data-weights]");
  if (!form) return;
  const moved = new Set();
  for (const field of form.querySelectorAll("[data-weight]")) {
    if (Math.abs(Number(field.value) - Number(field.dataset.stated)) > 0.005) moved.add(field.dataset.weight);
    field.addEventListener("input", () => {
      moved.add(field.dataset.weight);
      field.nextElementSibling.textContent = Number(field.value).toFixed(2);
    });
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const query = new URLSearchParams();
    const language = form.querySelector("[name=lang]");
    if (language) query.set("lang", language.value);
    for (const fieldset of form.querySelectorAll("fieldset")) {
      const fields = [...fieldset.querySelectorAll("[data-weight]")].filter((field) => moved.has(field.dataset.weight));
      const total = fields.reduce((sum, field) => sum + Number(field.value), 0);
      for (const field of fields) {
        const value = total > 1 ? Number(field.value) / total : Number(field.value);
        query.append("weight", `${field.dataset.weight}:${(Math.floor(value * 1000) / 1000).toString()}`);
      }
    }
    location.assign(`${form.getAttribute("action")}?${query}`);
  });
}

/** The laboratory: a lever that is moved asks for the answer, which replaces the one that is shown; draws follow it. */
function laboratory() {
  const form = document.querySelector("form[data-lab]");
  if (!form) return;
  const levers = [...form.querySelectorAll("[data-lever]")];
  const places = document.documentElement.lang === "es" ? "es-MX" : "en-US";
  const address = () => {
    const query = new URLSearchParams();
    for (const name of ["lang", "as_of", "from", "horizon"]) {
      const field = form.querySelector(`[name=${name}]`);
      if (field && field.value) query.set(name, field.value);
    }
    for (const one of levers) {
      const targets = one.dataset.targets ? `@${one.dataset.targets}` : "";
      if (Number(one.value) !== 0) query.append("set", `${one.dataset.lever}:${one.value}${targets}`);
    }
    for (const one of form.querySelectorAll("[name=than]")) query.append("than", one.value);
    return `${form.getAttribute("action")}?${query}`;
  };
  let waiting;
  let latest = 0;
  const place = () => document.getElementById("answer");
  const ask = async (there = address()) => {
    clearTimeout(waiting);
    latest += 1;
    const mine = latest;
    if (!there.includes("draws=")) place().setAttribute("aria-busy", "true");
    const answer = await fetch(there);
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("answer");
    if (mine !== latest || !found) return;
    place().replaceWith(document.adoptNode(found));
    history.replaceState(null, "", there);
    next();
  };
  /** Wait for what is worked out: say how far it is, show it when it is there. */
  const wait = async (there) => {
    const mine = latest;
    const answer = await fetch(there.replace("/scenarios", "/scenarios/progress"));
    if (mine !== latest) return;
    const { pending } = answer.ok ? await answer.json() : { pending: { what: "draws", done: 1, total: 1 } };
    if (mine !== latest) return;
    if (pending.what === "fit") waiting = setTimeout(() => wait(there), 1000);
    else if (pending.done >= pending.total) ask(there);
    else {
      const line = place().querySelector(".drawing");
      if (line) {
        line.hidden = false;
        line.querySelector("progress").value = pending.done / pending.total;
        line.querySelector("b").textContent = pending.done;
      }
      waiting = setTimeout(() => wait(there), 200);
    }
  };
  /** Once a lever rests, ask for the draws. */
  const next = () => {
    clearTimeout(waiting);
    const { wait: there, follow } = place().dataset;
    if (there) waiting = setTimeout(() => wait(there), 200);
    else if (follow) waiting = setTimeout(() => wait(follow), 600);
  };
  for (const one of levers) {
    one.addEventListener("input", () => {
      const said = Number(one.value).toLocaleString(places, { maximumFractionDigits: 2 });
      one.nextElementSibling.textContent = said;
      one.setAttribute("aria-valuetext", said);
      latest += 1; // what is under way is of no use any more
      clearTimeout(waiting);
      waiting = setTimeout(() => ask(), 150);
    });
  }
  for (const name of ["as_of", "from", "horizon"]) form.querySelector(`[name=${name}]`).addEventListener("change", () => ask());
  form.addEventListener("submit", (event) => { event.preventDefault(); ask(); });
  next();
}

// On a narrow screen a chart of time is read from its newest months on.
function newestInView() {
  document.querySelectorAll(".plot[data-end], .plot[data-cursor]").forEach((plot) => { plot.scrollLeft = plot.scrollWidth; });
}

cleanAddresses();
timeTravel();
document.querySelectorAll("figure.chart").forEach(chartCursor);
newestInView();
copyButtons();
frames();
weights();
laboratory();
