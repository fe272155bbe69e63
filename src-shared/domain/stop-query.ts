import { type ReviewStop, type StopState, stopReasonKinds, verdicts } from './review.ts';

/** What a filter is asked about. */
export interface StopFacts {
  readonly stop: ReviewStop;
  readonly objectName: string;
  readonly state: StopState;
}

/** Why a filter cannot be understood; `at` and `length` mark the part, `allowed` what could stand there. */
export interface QueryProblem {
  readonly kind: 'unknown-field' | 'needs-value' | 'needs-number' | 'unknown-value' | 'open-quote';
  readonly at: number;
  readonly length: number;
  readonly text: string;
  readonly allowed: readonly string[];
}

export type StopQuery =
  | { readonly kind: 'query'; readonly matches: (facts: StopFacts) => boolean }
  | { readonly kind: 'problem'; readonly problem: QueryProblem };

type Test = (facts: StopFacts) => boolean;
type Term =
  | { readonly kind: 'test'; readonly test: Test }
  | { readonly kind: 'problem'; readonly problem: QueryProblem };
interface Token {
  readonly at: number;
  readonly text: string;
}

const NUMBERS: Readonly<Record<string, (facts: StopFacts) => number | null>> = {
  presence: ({ stop }) => stop.presence,
  visible: ({ stop }) => stop.visible,
  confidence: ({ stop }) => stop.confidence,
  iou: ({ stop }) => stop.iou,
  area: ({ stop }) => stop.area,
  severity: ({ stop }) => stop.severity,
  frame: ({ stop }) => stop.frameIndex,
};

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '=': (a, b) => a === b,
};

const REASONS: readonly string[] = stopReasonKinds;
const STATES: readonly string[] = ['unreviewed', 'reviewed', 'open', ...verdicts];
const FIELDS = ['object', 'reason', 'state', ...Object.keys(NUMBERS)];

/**
 * Reads a filter: terms with spaces between, all of which must hold. `object:Ball` or `object:2`, `reason:swap`, `state:unreviewed`,
 * `frame:100-200`, `presence<0.5 area>=1000`; quotes keep spaces; a bare word is looked for in the object's name. Empty: everything.
 */
export function parseStopQuery(text: string): StopQuery {
  const tests: Test[] = [];
  for (const token of tokensOf(text)) {
    const term = termOf(token);
    if (term.kind === 'problem') return term;
    tests.push(term.test);
  }
  return { kind: 'query', matches: (facts) => tests.every((test) => test(facts)) };
}

function tokensOf(text: string): Token[] {
  return Array.from(text.matchAll(/(?:[^\s"]|"[^"]*(?:"|$))+/g), (match) => ({ at: match.index, text: match[0] }));
}

function termOf(token: Token): Term {
  if ((token.text.split('"').length - 1) % 2 === 1) return problem(token, 'open-quote', token.text, ['"']);
  const parts = /^([a-z]+)(:|<=|>=|<|>|=)(.*)$/i.exec(token.text);
  if (parts === null) return { kind: 'test', test: nameHas(unquoted(token.text)) };
  const [, name, sign, raw] = parts;
  const field = name.toLowerCase();
  const value = unquoted(raw);
  if (!FIELDS.includes(field)) return problem(token, 'unknown-field', name, FIELDS);
  const place = { at: token.at + name.length + sign.length, text: raw };
  if (value === '') return problem(token, 'needs-value', name, allowedFor(field));
  if (field === 'object') return { kind: 'test', test: objectIs(value) };
  if (field === 'reason')
    return oneOf(place, value, REASONS, (facts) => facts.stop.reasons.some(({ kind }) => kind === value));
  if (field === 'state') return oneOf(place, value, STATES, (facts) => isState(facts.state, value));
  return numberTerm(place, field, sign, value);
}

function numberTerm(place: Token, field: string, sign: string, value: string): Term {
  const read = NUMBERS[field];
  const range = /^(\d+)-(\d+)$/.exec(value);
  if (range !== null && (sign === ':' || sign === '=')) {
    const [first, last] = [Number(range[1]), Number(range[2])];
    return { kind: 'test', test: (facts) => overlaps(facts, field, read, first, last) };
  }
  const wanted = Number(value);
  if (!Number.isFinite(wanted)) return problem(place, 'needs-number', value, allowedFor(field));
  if (field === 'frame' && (sign === ':' || sign === '=')) {
    return { kind: 'test', test: (facts) => overlaps(facts, field, read, wanted, wanted) };
  }
  const compare = COMPARISONS[sign === ':' ? '=' : sign];
  return {
    kind: 'test',
    test: (facts) => {
      const found = read(facts);
      return found !== null && compare(found, wanted);
    },
  };
}

/** A stretch of frames is matched by any of its frames, a number by lying inside. */
function overlaps(
  facts: StopFacts,
  field: string,
  read: (facts: StopFacts) => number | null,
  first: number,
  last: number,
): boolean {
  if (field === 'frame') return facts.stop.first <= last && facts.stop.last >= first;
  const found = read(facts);
  return found !== null && found >= first && found <= last;
}

function nameHas(word: string): Test {
  const wanted = word.toLowerCase();
  return ({ objectName }) => objectName.toLowerCase().includes(wanted);
}

function objectIs(value: string): Test {
  const named = nameHas(value);
  return (facts) => (/^\d+$/.test(value) && facts.stop.objectId === Number(value)) || named(facts);
}

function isState(state: StopState, wanted: string): boolean {
  const reviewed = state === 'accepted' || state === 'fixed' || state === 'absent';
  if (wanted === 'reviewed') return reviewed;
  return wanted === 'unreviewed' ? !reviewed : state === wanted;
}

function oneOf(place: Token, value: string, allowed: readonly string[], test: Test): Term {
  return allowed.includes(value) ? { kind: 'test', test } : problem(place, 'unknown-value', value, allowed);
}

function allowedFor(field: string): readonly string[] {
  if (field === 'reason') return REASONS;
  if (field === 'state') return STATES;
  return field === 'frame' ? ['100-200'] : field === 'object' ? ['Ball'] : ['0.5'];
}

function problem(
  { at, text: token }: Token,
  kind: QueryProblem['kind'],
  text: string,
  allowed: readonly string[],
): { readonly kind: 'problem'; readonly problem: QueryProblem } {
  return { kind: 'problem', problem: { kind, at, length: Math.max(1, token.length), text, allowed } };
}

function unquoted(text: string): string {
  return text.replaceAll('"', '');
}
