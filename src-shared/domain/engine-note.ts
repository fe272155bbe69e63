/** What the engine has to say besides its results: by code and values, so that a page can say it in its own language. */
export interface EngineNote {
  readonly code: NoteCode;
  readonly values: Readonly<Record<string, string | number>>;
  /** One English sentence. */
  readonly text: string;
}

type Values = Readonly<Record<string, string | number>>;

const SENTENCES = {
  'adapter-chosen': ({ device, index }) =>
    `The device "${device}" chooses its adapter itself; the number ${index} was not used.`,
  'device-left': ({ device, reason }) => `The device "${device}" was tried and left: ${reason}.`,
  'cpu-runs': () => 'The CPU runs this pack.',
  'graph-unknown': ({ role }) => `The graph "${role}" of the pack is not one this version knows; it is not used.`,
  'hash-missing': ({ file }) => `pack.json gives no SHA-256 for ${file}, so a change in it goes unnoticed.`,
  'left-locked': ({ names }) => `Left as they are, because they are locked: ${names}.`,
  'left-outside': ({ names }) => `Left out, because their prompts lie outside the range: ${names}.`,
  'phrase-has-objects': ({ phrase }) => `What looks like "${phrase}" is among the objects already; nothing was added.`,
  'phrase-not-found': ({ phrase, packId }) => `Nothing that looks like "${phrase}" was found (${packId}).`,
  'searched-anew': ({ names }) =>
    `Also searched where it was found before, so that nothing found there is lost: ${names}.`,
} as const satisfies Record<string, (values: Values) => string>;

export type NoteCode = keyof typeof SENTENCES;

export const noteCodes = Object.keys(SENTENCES) as readonly NoteCode[];

export function engineNote(code: NoteCode, values: Values = {}): EngineNote {
  return { code, values, text: SENTENCES[code](values) };
}
