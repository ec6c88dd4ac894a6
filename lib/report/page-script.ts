/**
 * The page's only script: shows the value nearest to the pointer in a figure. Text goes in as text; nothing is fetched,
 * stored or evaluated, and the page says everything without it.
 */
export const pageScript = `(() => {
  'use strict';
  const reach = 32;
  for (const figure of document.querySelectorAll('figure')) {
    const tip = document.createElement('div');
    tip.className = 'tip';
    tip.hidden = true;
    tip.setAttribute('aria-hidden', 'true');
    figure.append(tip);
    const hide = () => { tip.hidden = true; };
    figure.addEventListener('pointerleave', hide);
    figure.addEventListener('pointermove', (event) => {
      const svg = event.target.closest ? event.target.closest('svg[role=img]') : null;
      if (svg === null) return hide();
      const box = svg.getBoundingClientRect();
      const scale = box.width / svg.viewBox.baseVal.width;
      let nearest = null;
      let best = reach;
      for (const point of svg.querySelectorAll('[data-tip]')) {
        const distance = Math.hypot(
          box.left + scale * point.getAttribute('cx') - event.clientX,
          box.top + scale * point.getAttribute('cy') - event.clientY,
        );
        if (distance < best) { best = distance; nearest = point; }
      }
      if (nearest === null) return hide();
      const frame = figure.getBoundingClientRect();
      const x = box.left - frame.left + scale * nearest.getAttribute('cx');
      tip.textContent = nearest.getAttribute('data-tip');
      tip.hidden = false;
      const half = tip.offsetWidth / 2;
      tip.style.left = Math.max(half + 4, Math.min(frame.width - half - 4, x)) + 'px';
      tip.style.top = box.top - frame.top + scale * nearest.getAttribute('cy') + 'px';
    });
  }
})();`;
