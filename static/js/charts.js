// Draws every [data-chart] from the JSON of the element it names, in the colours of the style sheet.
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const tones = { ok: "--add-line", info: "--accent", bad: "--rem-line", neutral: "--control", source: "--chg-line", target: "--accent" };

  function coloured(trace) {
    const tone = colour(tones[trace.meta.tone]);
    return { ...trace, marker: { ...trace.marker, color: tone }, line: { ...trace.line, color: tone } };
  }

  function axis(given) {
    return { ...given, gridcolor: colour("--line"), linecolor: colour("--line"), zeroline: false, automargin: true, fixedrange: true };
  }

  function layout(given) {
    const text = colour("--text");
    return {
      ...given,
      height: given.height || 240,
      margin: { l: 8, r: 8, t: 8, b: 8 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: "system-ui, sans-serif", size: 12, color: text },
      legend: { ...given.legend, orientation: "h", y: 1.02, yanchor: "bottom", x: 0 },
      hoverlabel: { bgcolor: colour("--surface"), bordercolor: colour("--control"), font: { color: text } },
      shapes: (given.shapes || []).map((shape) => ({ ...shape, line: { ...shape.line, color: colour(shape.name === "threshold" ? "--rem-line" : "--control") } })),
      xaxis: axis(given.xaxis),
      yaxis: axis(given.yaxis),
    };
  }

  function draw() {
    for (const place of document.querySelectorAll("[data-chart]")) {
      const figure = JSON.parse(document.getElementById(place.dataset.chart).textContent);
      Plotly.react(place, figure.data.map(coloured), layout(figure.layout), { displayModeBar: false, responsive: true });
    }
  }

  draw();
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.matches("[data-chart]") || event.target.querySelector("[data-chart]")) draw();
  });
  dark.addEventListener("change", draw);
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
})();
