import { callout, cards, defineSection, headline, name } from '../blocks.js';
import { integer, sentence, typeset } from '../format.js';

export const verdictSection = defineSection({
  name: 'verdict',
  title: 'Verdict',
  build: ({ report: { data, verdict } }) => [
    headline(
      ['resgram compare · ', name(data.name), ` · ${integer(data.rows)} rows, ${integer(data.features)} features`],
      typeset(verdict.headline),
    ),
    cards(verdict.answers.map(({ question, answer }) => ({ title: question, text: sentence(typeset(answer)) }))),
    ...(verdict.caveats.length === 0
      ? []
      : [
          callout(
            'Before you rely on it',
            verdict.caveats.map((caveat) => sentence(typeset(caveat))),
          ),
        ]),
  ],
});
