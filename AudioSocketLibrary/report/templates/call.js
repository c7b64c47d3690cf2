"use strict";
(() => {
  const audio = document.getElementById("audio");
  if (!audio) return;
  const picture = document.getElementById("picture");
  const svg = picture && picture.querySelector("svg");
  const bubbles = [...document.querySelectorAll(".bubble[data-at]")];
  let head = null, now = null;

  const from = (at) => Math.max(0, Math.min(at, svg ? Number(svg.dataset.seconds) : at));
  function show() {
    const at = audio.currentTime;
    if (head) {
      const { left, right, seconds } = svg.dataset;
      const x = Number(left) + (right - left) * Math.min(at / seconds, 1);
      head.setAttribute("x1", x);
      head.setAttribute("x2", x);
      picture.setAttribute("aria-valuenow", at.toFixed(1));
      picture.setAttribute("aria-valuetext", at.toFixed(1) + " seconds");
      if (!audio.paused && picture.scrollWidth > picture.clientWidth) {
        const shown = (x / svg.viewBox.baseVal.width) * picture.scrollWidth - picture.scrollLeft;
        if (shown < 0 || shown > picture.clientWidth * 0.9) picture.scrollLeft += shown - picture.clientWidth * 0.2;
      }
    }
    let current = null;
    for (const bubble of bubbles) if (Number(bubble.dataset.at) <= at + 0.05) current = bubble;
    if (current !== now) {
      if (now) { now.parentElement.classList.remove("now"); now.removeAttribute("aria-current"); }
      if (current) { current.parentElement.classList.add("now"); current.setAttribute("aria-current", "true"); }
      now = current;
    }
    if (!audio.paused && !audio.ended) requestAnimationFrame(show);
  }
  function seek(at, play) {
    audio.currentTime = from(at);
    // The address keeps the moment, so that it can be passed on. Some browsers forbid it for files.
    try { history.replaceState(null, "", "#t=" + audio.currentTime.toFixed(1)); } catch (e) { /* only a convenience */ }
    show();
    if (play) audio.play().catch(() => {});
  }
  function fromAddress() {
    const found = /^#t=(\d+(?:\.\d+)?)$/.exec(location.hash);
    if (!found) return;
    audio.currentTime = from(Number(found[1]));
    show();
    if (now) now.scrollIntoView({ block: "nearest" });
    // A browser may refuse to play before the first click; the position is kept then.
    audio.play().catch(() => {});
  }

  if (svg) {
    head = document.createElementNS("http://www.w3.org/2000/svg", "line");
    head.setAttribute("class", "playhead");
    head.setAttribute("y1", 4);
    head.setAttribute("y2", svg.viewBox.baseVal.height - 4);
    svg.appendChild(head);
    picture.addEventListener("click", (event) => {
      const { left, right, seconds } = svg.dataset;
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      seek(((point.x - left) / (right - left)) * seconds, true);
    });
    picture.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10 };
      if (event.key in steps) seek(audio.currentTime + steps[event.key], false);
      else if (event.key === "Home") seek(0, false);
      else if (event.key === "End") seek(Infinity, false);
      else if (event.key === " " || event.key === "Enter") audio.paused ? audio.play().catch(() => {}) : audio.pause();
      else return;
      event.preventDefault();
    });
  }
  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-at]");
    if (!target || event.ctrlKey || event.metaKey) return;
    // Without this script a time leads to the recording itself.
    event.preventDefault();
    seek(Number(target.dataset.at), true);
  });
  function missing() {
    document.getElementById("missing").hidden = false;
    document.getElementById("hint").hidden = true;
  }
  audio.addEventListener("error", missing);
  if (audio.error) missing();
  for (const event of ["play", "pause", "seeked", "timeupdate", "loadedmetadata"]) audio.addEventListener(event, show);
  addEventListener("hashchange", fromAddress);
  fromAddress();
  show();
})();
