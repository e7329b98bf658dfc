// Runs in every page that bench/browser.py opens, before the page's own scripts.
(() => {
  const paints = { lcp: 0, shift: 0 };
  let tasks = [];
  let events = [];
  let state = {};

  const observe = (type, use, options = {}) =>
    new PerformanceObserver((list) => list.getEntries().forEach(use)).observe({ type, buffered: true, ...options });
  observe("largest-contentful-paint", (entry) => {
    paints.lcp = entry.startTime;
  });
  observe("layout-shift", (entry) => {
    if (!entry.hadRecentInput) paints.shift += entry.value;
  });
  observe("longtask", (entry) => tasks.push(entry));
  observe("event", (entry) => events.push(entry), { durationThreshold: 16 });

  // The whole page is asked for by leaving out the header with the digests.
  const sendRequest = window.fetch;
  window.fetch = async (address, options = {}) => {
    const headers = { ...options.headers };
    if (state.isWhole) delete headers["X-Parts"];
    const response = await sendRequest(address, { ...options, headers });
    if (!String(address).includes("part=panel")) state.answeredAt = undefined;
    const readText = response.text.bind(response);
    response.text = async () => {
      const text = await readText();
      state.answeredAt ??= performance.now();
      return text;
    };
    return response;
  };

  const nextPaint = () =>
    new Promise((resolve) => {
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(performance.now());
        port2.postMessage(null);
      });
    });
  const countNodes = (nodes) =>
    [...nodes].reduce((sum, node) => sum + (node.nodeType === 1 ? 1 + node.querySelectorAll("*").length : 0), 0);

  // Watches the page from the next click on, until nothing has changed for half a second.
  const watch = (isTheChange) => {
    state = { isWhole: state.isWhole, boardNodes: 0, panelNodes: 0, changedAt: 0 };
    const watched = state;
    events = [];
    tasks = [];
    const observer = new MutationObserver((records) => {
      watched.lastAt = performance.now();
      for (const record of records) {
        const isInPanel = record.target.closest?.("#panel");
        const count = countNodes(record.addedNodes);
        if (isInPanel) watched.panelNodes += count;
        else if (record.target.closest?.("#main")) watched.boardNodes += count;
        if (watched.clickedAt && !watched.changedAt && isTheChange(record)) {
          watched.changedAt = performance.now();
          watched.answeredBeforeChange = watched.answeredAt;
          void nextPaint().then((time) => {
            watched.paintedAt = time;
          });
        }
      }
    });
    addEventListener(
      "click",
      () => {
        watched.clickedAt = performance.now();
      },
      { capture: true, once: true },
    );
    observer.observe(document.documentElement, { subtree: true, childList: true, attributes: true });
    watched.observer = observer;
  };

  const cells = {};
  window.bench = {
    load: () => {
      const { loadEventEnd } = performance.getEntriesByType("navigation")[0];
      const longest = (entries) => Math.max(0, ...entries.map((entry) => entry.duration));
      return {
        ...paints,
        longestTask: longest(tasks),
        longestTaskAfterLoad: longest(tasks.filter((entry) => entry.startTime >= loadEventEnd)),
        nodes: document.querySelectorAll("*").length,
        tiles: document.querySelectorAll("[data-item-hash]").length,
      };
    },
    watchMove: (isWhole) => {
      state.isWhole = isWhole;
      watch((record) => record.type === "childList" && !!record.target.closest?.("#main") && !record.target.closest("#panel") && countNodes(record.addedNodes) > 0);
    },
    watchPanel: () => watch((record) => record.type === "childList" && record.target.id === "panel"),
    watchClick: () => watch(() => true),
    isSettled: () => {
      if (!state.paintedAt || performance.now() - state.lastAt < 500) return false;
      state.observer.disconnect();
      return true;
    },
    clickToPaint: () => state.paintedAt - state.clickedAt,
    move: () => ({
      clickToPaint: state.paintedAt - state.clickedAt,
      answerToPaint: state.paintedAt - (state.answeredBeforeChange ?? state.changedAt),
      boardNodes: state.boardNodes,
      panelNodes: state.panelNodes,
      eventDuration: Math.max(0, ...events.map((entry) => entry.duration)),
      longestTask: Math.max(0, ...tasks.map((entry) => entry.duration)),
    }),

    // Three answers to one move: the whole page before it, the whole page after it, and the changed parts.
    prepareWays: async () => {
      const site = performance.getEntriesByType("resource").find((entry) => /\/js\/page\.js/.test(entry.name));
      cells.page = await import(site.name);
      const read = async (headers = {}) => (await sendRequest("/inventory/", { headers: { Accept: "text/html", ...headers } })).text();
      cells.before = await read();
      const digests = [...document.querySelectorAll("[data-part]")].map((part) => part.dataset.part).join(",");
      const tile = document.querySelector('.column-0 a.tile[data-location="bag"][data-bucket-hash="2465295065"]:not(.exotic)');
      const panel = await (await sendRequest(`${tile.getAttribute("href").split("#")[0]}?part=panel`)).text();
      const dock = new DOMParser().parseFromString(panel, "text/html");
      const button = dock.querySelector('button[name="destination"][value="vault"]');
      const body = new URLSearchParams(new FormData(button.form));
      body.set("destination", "vault");
      await sendRequest(button.form.getAttribute("action"), { method: "POST", body, headers: { Accept: "application/json" } });
      cells.whole = await read();
      cells.parts = await read({ "X-Parts": digests });
    },
    showAnswer: async (way) => {
      const parse = (text) => new DOMParser().parseFromString(text, "text/html");
      cells.page.replacePage(parse(cells.before));
      await nextPaint();
      await new Promise((resolve) => setTimeout(resolve, 1000));
      let nodes = 0;
      const observer = new MutationObserver((records) => {
        for (const record of records) nodes += countNodes(record.addedNodes);
      });
      observer.observe(document.documentElement, { subtree: true, childList: true });
      const text = way === "parts" ? cells.parts : cells.whole;
      const start = performance.now();
      const page = parse(text);
      if (way === "morph") Idiomorph.morph(document.querySelector("#main"), page.querySelector("#main"));
      else cells.page.replacePage(page);
      const script = performance.now() - start;
      const milliseconds = (await nextPaint()) - start;
      observer.disconnect();
      return { milliseconds, script, nodes, length: text.length };
    },
  };
})();
