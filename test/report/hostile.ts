import type { CompareReport } from '../../lib/compare/schema.js';

/** Names that break pages which paste text into markup. Each sets window.pwned or opens a dialog where it succeeds. */
export const hostileNames: readonly string[] = [
  '</script><script>alert(1)</script>',
  '"><img src=x onerror="window.pwned=1">',
  "'><svg onload=alert(1)>",
  '<img src=x onerror=alert`1`>',
  '</title><script>window.pwned=1</script>',
  '</style><script>window.pwned=1</script>',
  '--><script>window.pwned=1</script><!--',
  ']]><script>window.pwned=1</script>',
  '<iframe src="javascript:alert(1)"></iframe>',
  '<a href="javascript:alert(1)">click</a>',
  '<link rel=stylesheet href=http://192.0.2.1/x.css>',
  '{{constructor.constructor("alert(1)")()}}',
  '&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#39;',
  '" autofocus onfocus=alert(1) x="',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template that must stay text
  '${alert(1)} `alert(1)` \\u003cscript\\u003e',
  '=HYPERLINK("http://192.0.2.1","x")',
  'a\u2028b\u2029c',
  '\u202ereversed\u202c and \u200bhidden',
  'Größe 大きさ Ωμέγα 🙂 e\u0301',
  '../../etc/passwd',
  'x'.repeat(300),
  '   spaces   and\ttab   ',
];

/** The report with a hostile name wherever a name of the user, or a sentence that may quote one, can stand. */
export function withHostileNames(report: CompareReport): CompareReport {
  let turn = 0;
  const next = () => hostileNames[turn++ % hostileNames.length] as string;
  const all = hostileNames.join(' ');
  return {
    ...report,
    version: next(),
    data: {
      ...report.data,
      name: next(),
      target: next(),
      classes: hostileNames.map((label, count) => ({ label, count })).slice(0, 12),
      sources: hostileNames.map((name) => ({ role: next(), name, bytes: 1, sha256: next(), licence: next() })),
      notes: hostileNames,
    },
    protocol: { ...report.protocol, convention: next(), activation: next(), selection: all },
    baseline: { ...report.baseline, label: next() },
    networks: report.networks.map((network) => ({ ...network, label: next(), alpha: next() })),
    metrics: report.metrics.map((metric) => ({
      ...metric,
      title: next(),
      meaning: next(),
      caution: next(),
      reference: next(),
    })),
    circle: { ...report.circle, target: next() },
    verdict: {
      ...report.verdict,
      headline: next(),
      answers: hostileNames.map((question) => ({ question, answer: next() })),
      caveats: hostileNames,
    },
    provenance: { ...report.provenance, blas: next(), simd: next(), platform: next(), node: next(), command: all },
  };
}
