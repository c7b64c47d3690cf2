// Texts whose contrast with what is behind them is too low, by the formula of WCAG 2.1 (relative luminance).
const channels = (colour) => {
  const parts = colour.match(/[\d.]+/g).map(Number);
  return { rgb: parts.slice(0, 3), alpha: parts.length > 3 ? parts[3] : 1 };
};
const luminance = (rgb) => {
  const [r, g, b] = rgb.map((value) => {
    const share = value / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const over = (front, back) => front.rgb.map((value, index) => value * front.alpha + back[index] * (1 - front.alpha));
const behind = (element) => {
  const layers = [];
  for (let each = element; each; each = each.parentElement) {
    const colour = channels(getComputedStyle(each).backgroundColor);
    layers.push(colour);
    if (colour.alpha === 1) break;
  }
  return layers.reverse().reduce((back, layer) => over(layer, back), [255, 255, 255]);
};
const poorTexts = (ratio) => {
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (!text || element.closest("script, style, title, .away") || !element.getClientRects().length) continue;
    const style = getComputedStyle(element);
    const front = channels(element instanceof SVGElement ? style.fill : style.color);
    const back = behind(element);
    const [light, dark] = [luminance(over(front, back)), luminance(back)].sort((a, b) => b - a);
    const found = (light + 0.05) / (dark + 0.05);
    if (found < ratio) poor.push(`${text.slice(0, 40)} (${found.toFixed(2)}, ${element.className.baseVal ?? element.className})`);
  }
  return poor;
};
