// A contest with crews made for the purpose: turns, agreement, and what happens when one breaks down.
import { describe, expect, test } from 'vitest';
// @ts-expect-error: plain JavaScript without types
import { contest } from '../../bench/harness/contest.mjs';
// @ts-expect-error: plain JavaScript without types
import { Crew, CrewError } from '../../bench/harness/crew.mjs';
import type { Case, Contestant } from '../../bench/harness/vocabulary.js';

interface Message {
  readonly do: string;
  readonly key: string;
  readonly op?: string;
}

/** Answers like a process, from a table: seconds of a run, numbers it computes, or a failure. */
function crewsOf(table: Record<string, { cpu?: number; probe?: number[]; breaks?: number }>) {
  const said: string[] = [];
  const runs = new Map<string, number>();
  const crew = {
    async ask({ do: verb, key, op }: Message) {
      const name = key.split('/').at(-1) as string;
      const { cpu = 1, probe, breaks = Number.POSITIVE_INFINITY } = table[op ?? name] ?? {};
      said.push(`${verb} ${name}`);
      if (verb === 'prepare') {
        if (table[op ?? name] === undefined) throw new CrewError(`no operation '${op}'`);
        return { prepare: 0.1, first: 1, probe };
      }
      if (verb !== 'run') return {};
      runs.set(name, (runs.get(name) ?? 0) + 1);
      if ((runs.get(name) as number) > breaks) throw new CrewError('the process ended with SIGSEGV', true);
      return { wall: cpu, cpu };
    },
  };
  return { said, get: async () => crew, drop: async () => undefined };
}

const settings = { mode: 'quick', rounds: 3, data: { resolve: async (args: unknown) => args } };
const member = (name: string, more: Partial<Contestant> = {}): Contestant =>
  ({ name, role: name === 'ours' ? 'resgram' : 'peer', crew: 'resgram', op: name, args: {}, ...more }) as Contestant;
const over: Case['figures'][number] = {
  id: 'ratio',
  says: 'ratio',
  measure: 'cpu',
  of: 'theirs',
  over: 'ours',
  unit: '×',
  better: 'higher',
  target: 3,
};
const duel = (more: Partial<Case> = {}): Case => ({
  name: 'duel',
  quick: true,
  contestants: [member('ours'), member('theirs')],
  figures: [over],
  ...more,
});

describe('turns', () => {
  test('everyone prepares before anyone runs, and the order turns round', async () => {
    const crews = crewsOf({ ours: { cpu: 2 }, theirs: { cpu: 8 } });
    const { figures } = await contest(duel(), crews, settings);
    expect(crews.said).toEqual([
      ...['prepare ours', 'prepare theirs'],
      ...['run ours', 'run theirs', 'run theirs', 'run ours', 'run ours', 'run theirs'],
      ...['forget ours', 'forget theirs'],
    ]);
    expect(figures).toMatchObject([{ median: 4, count: 3, target: 3, met: true }]);
  });

  test('a slow one may take part in fewer rounds', async () => {
    const crews = crewsOf({ ours: {}, theirs: {} });
    const slow = duel({ contestants: [member('ours'), member('theirs', { rounds: 1 })] });
    const { figures } = await contest(slow, crews, settings);
    expect(crews.said.filter((line) => line === 'run theirs')).toHaveLength(1);
    expect(figures).toMatchObject([{ count: 1 }]);
  });
});

describe('who is missing', () => {
  test('one that cannot prepare is told, with the figures that need it', async () => {
    const { figures, absent, contestants } = await contest(duel(), crewsOf({ ours: {} }), settings);
    expect(contestants.map(({ name }: { name: string }) => name)).toEqual(['ours']);
    expect(figures).toEqual([]);
    expect(absent).toEqual([
      { what: 'theirs', why: "no operation 'theirs'" },
      { what: 'ratio', why: 'without theirs' },
    ]);
  });

  test('one whose process breaks down in the middle is out', async () => {
    const elsewhere = duel({ contestants: [member('ours'), member('theirs', { crew: 'npm' })] });
    const { absent, contestants } = await contest(elsewhere, crewsOf({ ours: {}, theirs: { breaks: 1 } }), settings);
    expect(absent[0]).toEqual({ what: 'theirs', why: 'the process ended with SIGSEGV' });
    expect(contestants).toMatchObject([{ name: 'ours', measures: { cpu: { count: 3 } } }]);
  });

  test('with a process go all who were prepared in it', async () => {
    const { absent, contestants } = await contest(duel(), crewsOf({ ours: {}, theirs: { breaks: 1 } }), settings);
    expect(absent.map(({ what }: { what: string }) => what)).toEqual(['ours', 'theirs', 'ratio']);
    expect(contestants).toEqual([]);
  });
});

describe('agreement', () => {
  const answers = (theirs: number[]) => crewsOf({ ours: { probe: [1, 2] }, theirs: { probe: theirs } });

  test('of the same numbers, to the tolerance', async () => {
    const result = await contest(duel({ agreement: 1e-6 }), answers([1, 2 + 1e-7]), settings);
    expect(result.difference).toBeCloseTo(5e-8, 12);
    expect(result.disagreements).toBeUndefined();
  });

  test.each([[[1, 2.1]], [[1]], [[1, Number.NaN]]])('not with %j', async (theirs) => {
    const { disagreements } = await contest(duel({ agreement: 1e-6 }), answers(theirs), settings);
    expect(disagreements).toMatchObject([{ what: 'theirs' }]);
  });
});

describe('a process', () => {
  const node = (source: string) => new Crew(process.execPath, ['-e', source]);

  test('answers in order; what it says without being asked is passed over', async () => {
    const crew = node(`
      console.log('a warning of some library');
      console.log('{"versions":{"it":"1"}}');
      process.stdin.on('data', (lines) => { for (const line of String(lines).trim().split('\\n')) console.log(line); });`);
    expect(await crew.hello()).toEqual({ versions: { it: '1' } });
    expect(await Promise.all([crew.ask({ n: 1 }), crew.ask({ n: 2 })])).toEqual([{ n: 1 }, { n: 2 }]);
    await expect(crew.ask({ error: 'no such thing' })).rejects.toThrow('no such thing');
    await crew.close();
    await expect(crew.ask({ n: 3 })).rejects.toThrow(CrewError);
  });

  test('that ends says why, with its last words', async () => {
    const crew = node(`console.error('no module numpy'); process.exitCode = 3;`);
    await expect(crew.hello()).rejects.toThrow(/ended with 3.*no module numpy/);
  });

  test('that cannot be started is told', async () => {
    await expect(new Crew('/nowhere/python', []).hello()).rejects.toThrow(/ENOENT/);
  });
});
