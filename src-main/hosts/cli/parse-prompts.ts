import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type PromptInput, promptInputSchema } from '../../../src-shared/contract/schemas.ts';
import { StudioError } from '../../../src-shared/errors/studio-error.ts';

/** The prompt flags of `track`, as typed. */
export interface PromptFlags {
  readonly text: readonly string[];
  readonly point: readonly string[];
  readonly box: readonly string[];
  readonly mask: readonly string[];
  readonly prompts: string | undefined;
}

const NUMBER = String.raw`-?\d+(?:\.\d+)?`;
const POINT = new RegExp(`^(\\d+):(\\d+):(${NUMBER}),(${NUMBER})(?:,([+-]))?$`);
const BOX = new RegExp(`^(\\d+):(\\d+):(${NUMBER}),(${NUMBER}),(${NUMBER}),(${NUMBER})$`);
const MASK = /^(\d+):(\d+):(.+)$/;

/** Turns the flags into prompts, in the order files, text, masks, boxes, points. Throws `usage` naming the flag and its form. */
export function parsePrompts(flags: PromptFlags, firstFrame: number): PromptInput[] {
  return [
    ...(flags.prompts === undefined ? [] : readPromptFile(flags.prompts)),
    ...flags.text.map((phrase) => parseText(phrase, firstFrame)),
    ...flags.mask.map((value) => parseMask(value)),
    ...flags.box.map((value) => parseBox(value)),
    ...flags.point.map((value) => parsePoint(value)),
  ];
}

function parseText(phrase: string, frameIndex: number): PromptInput {
  if (phrase.trim() !== '') return checked('--text', phrase, { kind: 'text', phrase, frameIndex });
  throw new StudioError(
    'usage',
    'user',
    `--text "${phrase}" has no word; say what to look for, for example "red thing".`,
  );
}

/** `OBJ:FRAME:X,Y` includes, `OBJ:FRAME:X,Y,-` excludes. */
function parsePoint(value: string): PromptInput {
  const match = POINT.exec(value);
  if (match === null) throw usage('--point', value, 'OBJ:FRAME:X,Y or OBJ:FRAME:X,Y,- (for example 1:0:320,180)');
  return checked('--point', value, {
    kind: 'point',
    objectId: Number(match[1]),
    frameIndex: Number(match[2]),
    point: { x: Number(match[3]), y: Number(match[4]) },
    include: match[5] !== '-',
  });
}

function parseBox(value: string): PromptInput {
  const match = BOX.exec(value);
  if (match === null) throw usage('--box', value, 'OBJ:FRAME:X,Y,W,H (for example 1:0:300,150,80,60)');
  const [x, y, width, height] = match.slice(3).map(Number);
  return checked('--box', value, {
    kind: 'box',
    objectId: Number(match[1]),
    frameIndex: Number(match[2]),
    box: { x, y, width, height },
  });
}

function parseMask(value: string): PromptInput {
  const match = MASK.exec(value);
  if (match === null) throw usage('--mask', value, 'OBJ:FRAME:FILE.png (for example 1:0:dog.png)');
  return checked('--mask', value, {
    kind: 'mask',
    objectId: Number(match[1]),
    frameIndex: Number(match[2]),
    pngPath: match[3],
  });
}

const promptFileSchema = z.object({ prompts: z.array(promptInputSchema).max(10_000) });

function readPromptFile(path: string): PromptInput[] {
  let data: unknown;
  try {
    // Unlike 'utf8', this leaves a byte order mark out.
    data = JSON.parse(new TextDecoder().decode(readFileSync(path)));
  } catch (cause) {
    throw new StudioError(
      'usage',
      'user',
      `The prompt file ${path} cannot be read as JSON; check the path and its content.`,
      { cause },
    );
  }
  const parsed = promptFileSchema.safeParse(data);
  if (parsed.success) return parsed.data.prompts;
  const issue = parsed.error.issues[0];
  throw new StudioError(
    'usage',
    'user',
    `The prompt file ${path} is not valid at "${issue.path.join('.')}": ${issue.message}.`,
  );
}

function checked(flag: string, value: string, prompt: unknown): PromptInput {
  const parsed = promptInputSchema.safeParse(prompt);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new StudioError('usage', 'user', `${flag} ${value} is not valid: ${issue.path.join('.')}: ${issue.message}.`);
}

function usage(flag: string, value: string, form: string): StudioError {
  return new StudioError('usage', 'user', `${flag} "${value}" is not of the form ${form}.`);
}

/** `A:B`, `A:` or `:B`, inclusive; undefined is the whole video. */
export function parseRange(value: string | undefined): { first: number | null; last: number | null } {
  if (value === undefined) return { first: null, last: null };
  const match = /^(\d*):(\d*)$/.exec(value);
  if (match === null || value === ':') throw usage('--range', value, 'A:B, A: or :B (0-based, both ends included)');
  const first = match[1] === '' ? null : Number(match[1]);
  const last = match[2] === '' ? null : Number(match[2]);
  if (first !== null && last !== null && first > last) {
    throw new StudioError(
      'range-invalid',
      'user',
      `--range ${value} ends before it starts; give the smaller frame first.`,
    );
  }
  return { first, last };
}
