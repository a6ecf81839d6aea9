"use strict";
// Draws the treemap. All text that comes from a pickle goes through textContent.
(() => {
  const pickles = JSON.parse(document.getElementById("data").textContent);
  const map = document.getElementById("treemap");
  const path = document.getElementById("path");
  const about = document.getElementById("about");
  const choice = document.getElementById("pickles");
  const levels = 5; // below the node that fills the map
  const title = 18; // pixels above the parts of a node
  const kinds = new Set(["function", "class", "enum", "module", "instance", "call", "code"]);
  let whole, top;

  const size = (n) => {
    for (const unit of ["B", "kB", "MB", "GB"]) {
      if (n < 1000 || unit === "GB") return `${unit === "B" ? n : n.toPrecision(3)} ${unit}`;
      n /= 1000;
    }
  };
  const share = (n) => `${((100 * n) / Math.max(whole.data.bytes, 1)).toFixed(1)}%`;
  const describe = (n) => `${n.data.label}: ${size(n.data.bytes)}, ${share(n.data.bytes)} of the whole`;

  function select(i) {
    const tree = pickles[i].tree;
    whole = tree ? d3.hierarchy(tree, (d) => d.parts).sum((d) => d.own).sort((a, b) => b.value - a.value) : null;
    show(whole);
  }

  function show(node) {
    top = node;
    draw();
  }

  function draw() {
    map.replaceChildren();
    path.replaceChildren();
    if (!top) return;
    for (const n of top.ancestors().reverse()) {
      const button = document.createElement("button");
      button.textContent = n.data.label;
      button.disabled = n === top;
      button.onclick = () => show(n);
      path.append(button, n === top ? "" : " › ");
    }
    about.textContent = describe(top);
    const box = top.copy();
    d3.treemap().size([map.clientWidth, map.clientHeight]).paddingInner(1).paddingTop(title).paddingRight(2).paddingBottom(2).paddingLeft(2).round(true)(box);
    const real = new Map(top.descendants().map((n) => [n.data, n]));
    for (const n of box.descendants()) {
      const [width, height] = [n.x1 - n.x0, n.y1 - n.y0];
      if (n.depth > levels || width < 3 || height < 3) continue;
      const cell = document.createElement("button");
      cell.className = `node ${kinds.has(n.data.kind) ? n.data.kind : "data"}`;
      cell.style.cssText = `left:${n.x0}px;top:${n.y0}px;width:${width}px;height:${height}px`;
      cell.textContent = width > 30 && height > 14 ? `${n.data.label} (${size(n.data.bytes)})` : "";
      if (n.children && n.depth < levels || height < 2 * title) cell.style.lineHeight = `${Math.min(16, height - 2)}px`;
      cell.style.paddingBottom = `${Math.max(0, height - title)}px`;
      const there = real.get(n.data);
      cell.title = describe(there);
      cell.setAttribute("role", "listitem");
      cell.onmouseenter = cell.onfocus = () => { about.textContent = describe(there); };
      cell.onclick = () => show(there.children ? (there === top && there.parent) || there : there.parent ?? there);
      map.append(cell);
    }
  }

  pickles.forEach((p, i) => choice.append(new Option(p.title, i)));
  document.getElementById("choice").hidden = pickles.length < 2;
  choice.onchange = () => select(choice.value);
  let waiting;
  addEventListener("resize", () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(draw); });
  select(0);
})();
