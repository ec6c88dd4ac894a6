import type { SeriesStyle } from './series.js';
import { rampVariables, schemeVariables } from './theme.js';

/** The style sheet of the page: colours of both schemes for the page, every network and maps, if it has any, then the layout. */
export function pageStyle(styles: readonly SeriesStyle[], maps: boolean): string {
  const page = {
    light:
      '--page: #f7f6f2; --line: #dedcd5; --soft: #f1efe9; --accent: #1c5fa8; --best: #e3f1ec; --shade: rgb(40 36 20 / 0.16); --warn: #b7791f;',
    dark: '--page: #101216; --line: #2b3037; --soft: #1e2228; --accent: #7fb6f0; --best: #16352e; --shade: rgb(0 0 0 / 0.6); --warn: #d9a648;',
  };
  const colours = (scheme: 'light' | 'dark') =>
    [schemeVariables(scheme, styles), page[scheme], ...(maps ? [rampVariables(scheme)] : [])].join(' ');
  const [light, dark] = [colours('light'), colours('dark')];
  return `:root { color-scheme: light dark; ${light} }
@media (prefers-color-scheme: dark) { :root { ${dark} } }
${layout}
@media print { :root { ${light} --page: #fff; --soft: #fff; } ${print} }`;
}

const layout = `:root {
  --serif: Charter, 'Bitstream Charter', 'Sitka Text', Cambria, Georgia, 'DejaVu Serif', serif;
  --sans: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', sans-serif;
  --mono: ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace;
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-behavior: smooth; }
body { margin: 0; background: var(--page); color: var(--ink); font: 1.0625rem/1.6 var(--serif); overflow-wrap: anywhere; }
.page { max-width: 57rem; margin: 0 auto; padding: 3rem 1.25rem 4rem; }
a { color: var(--accent); text-underline-offset: 0.15em; }
h1, h2, h3 { font-weight: 600; line-height: 1.25; text-wrap: balance; }
h1 { font-size: clamp(1.5rem, 1.1rem + 1.9vw, 2.1rem); margin: 0.4rem 0 0; letter-spacing: -0.01em; }
h1.long { font-size: clamp(1.35rem, 1.1rem + 1.2vw, 1.7rem); }
h2 { font-size: 1.4rem; margin: 0 0 0.9rem; }
h3 { font-size: 1.08rem; margin: 2rem 0 0.5rem; }
p, ul { margin: 0 0 1rem; max-width: 42rem; }
ul { padding-left: 1.2rem; }
li { margin: 0.25rem 0; }
section { margin-top: 3.5rem; scroll-margin-top: 1rem; }
section:first-of-type { margin-top: 0; }
.kicker { font: 0.85rem/1.4 var(--sans); color: var(--muted); margin: 0; max-width: none; }
nav { margin-top: 2.5rem; padding: 0.9rem 0; border-block: 1px solid var(--line); font: 0.875rem/1.5 var(--sans); }
nav ol { display: flex; flex-wrap: wrap; gap: 0.35rem 1.25rem; max-width: none; margin: 0; padding: 0; list-style: none; }
nav li { margin: 0; }
nav a { text-decoration: none; }
nav a:hover { text-decoration: underline; }
code { font: 0.88em var(--mono); }
.command { display: block; padding: 0.7rem 0.9rem; background: var(--surface); border: 1px solid var(--line); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; }
.key { font: 0.78em var(--mono); color: var(--muted); white-space: nowrap; text-decoration: none; }
sup, sub { line-height: 0; font-size: 0.74em; }
.key:hover { text-decoration: underline; }
.key::before { content: '['; } .key::after { content: ']'; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)); gap: 0.9rem; margin: 1.75rem 0 0; }
.cards:has(> :nth-child(3):last-child) { grid-template-columns: repeat(auto-fit, minmax(min(100%, 16rem), 1fr)); }
.card { background: var(--surface); border: 1px solid var(--line); border-radius: 8px; padding: 0.9rem 1.1rem 1rem; }
.card h3 { margin: 0 0 0.3rem; font: 600 0.8rem/1.4 var(--sans); color: var(--muted); letter-spacing: 0.02em; }
.card p { margin: 0; line-height: 1.5; }
.callout { margin: 1.25rem 0 0; padding: 0.1rem 1.1rem 0.6rem; border-left: 3px solid var(--warn); background: var(--surface); border-radius: 0 8px 8px 0; }
.callout h3 { margin: 0.8rem 0 0.2rem; font: 600 0.85rem/1.4 var(--sans); }
.callout ul { margin: 0; font-size: 0.97rem; }
.facts { display: grid; grid-template-columns: 10.5rem minmax(0, 1fr); margin: 0 0 1.25rem; font: 0.92rem/1.5 var(--sans); border-bottom: 1px solid var(--line); }
.facts dt, .facts dd { margin: 0; padding: 0.45rem 0; border-top: 1px solid var(--line); }
.facts dt { color: var(--muted); padding-right: 1rem; }
figure { margin: 1.5rem 0 2rem; padding: 1.1rem 1.25rem 1rem; background: var(--surface); border: 1px solid var(--line); border-radius: 8px; position: relative; break-inside: avoid; }
figure svg { display: block; width: 100%; height: auto; font-family: var(--sans); overflow: visible; }
figure svg.compact { display: none; }
figure h3 { margin: 0 0 1rem; font: 600 1rem/1.4 var(--sans); }
figcaption { margin-top: 0.9rem; font: 0.875rem/1.5 var(--sans); color: var(--muted); max-width: 44rem; }
.scroll { position: relative; overflow-x: auto; width: fit-content; max-width: 100%; margin: 1.25rem 0 1.75rem; border: 1px solid var(--line);
  background: linear-gradient(90deg, var(--surface) 40%, transparent) left / 2.5rem 100% no-repeat local, linear-gradient(270deg, var(--surface) 40%, transparent) right / 2.5rem 100% no-repeat local,
    linear-gradient(270deg, var(--shade), transparent) right / 0.9rem 100% no-repeat scroll, var(--surface); border-radius: 8px; break-inside: avoid; }
.scroll:focus-visible, a:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
table { border-collapse: separate; border-spacing: 0; min-width: min(100%, 24rem); font: 0.875rem/1.45 var(--sans); font-variant-numeric: tabular-nums lining-nums; overflow-wrap: normal; }
caption { text-align: start; padding: 0.75rem 0.9rem 0.6rem; color: var(--muted); caption-side: top; }
.caption { position: sticky; left: 0.9rem; display: inline-block; max-width: min(44rem, 100vw - 4.5rem); }
th, td { padding: 0.45rem 0.8rem; text-align: start; vertical-align: baseline; border-top: 1px solid var(--line); }
thead th { color: var(--muted); font-weight: 500; vertical-align: bottom; white-space: normal; min-width: 4.5rem; max-width: 11rem; }
tbody th { font-weight: 500; min-width: 8.5rem; max-width: 22rem; overflow-wrap: break-word; position: sticky; left: 0; background: var(--surface); }
.end { text-align: end; }
td { white-space: nowrap; }
.best { background: var(--best); font-weight: 650; }
.faint { color: var(--muted); }
.mark { font-style: normal; }
th .series, td .series { white-space: nowrap; }
thead .series .swatch { display: block; margin: 0 0 0.2rem auto; }
.swatch { width: 1.9em; height: 0.8em; vertical-align: -0.05em; margin-right: 0.45em; overflow: visible; }
details { margin: 0 0 1.5rem; }
summary { font: 0.9rem/1.5 var(--sans); color: var(--accent); cursor: pointer; width: fit-content; }
details[open] > summary { margin-bottom: 0.75rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.tip { position: absolute; z-index: 1; pointer-events: none; padding: 0.3rem 0.55rem; max-width: 18rem; background: var(--ink); color: var(--surface); border-radius: 5px; font: 0.8rem/1.4 var(--sans); transform: translate(-50%, calc(-100% - 12px)); }
footer { margin-top: 4rem; padding-top: 1rem; border-top: 1px solid var(--line); font: 0.85rem/1.5 var(--sans); color: var(--muted); }
@media (max-width: 40rem) {
  .page { padding: 1.75rem 1rem 3rem; }
  figure { padding: 0.9rem 0.7rem 0.8rem; }
  figure svg.wide { display: none; }
  figure svg.compact { display: block; }
  .facts { grid-template-columns: minmax(0, 1fr); }
  .facts dt { padding-bottom: 0; } .facts dd { border-top: 0; padding-top: 0; }
  th, td { padding: 0.4rem 0.65rem; }
  section { margin-top: 2.75rem; }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }`;

const print = `body { font-size: 10.5pt; } .page { max-width: none; padding: 0; } nav, .tip { display: none; }
  figure svg.wide { display: block; } figure svg.compact { display: none; } h2, h3 { break-after: avoid; }
  details::details-content { content-visibility: visible; height: auto; } .scroll { overflow: visible; max-width: none; }
  table { font-size: 7.5pt; min-width: 0; } th, td { padding: 0.2rem 0.4rem; white-space: normal; overflow-wrap: anywhere; } tbody th { min-width: 0; position: static; } .command { white-space: pre-wrap; } a { color: inherit; }`;
