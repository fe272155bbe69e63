import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { PNG } from 'pngjs';
import type {
  DetectedInstance,
  FrameMask,
  SegmentResult,
  SessionState,
} from '../../../../src-shared/contract/results.ts';
import type { PromptInput } from '../../../../src-shared/contract/schemas.ts';
import { frameIndex, type ObjectId, objectId } from '../../../../src-shared/domain/ids.ts';
import { noScores } from '../../../../src-shared/domain/scores.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { bitmapFromRle, emptyMask, maskArea, maskBox, type RleMask } from '../../../../src-shared/mask/rle.ts';
import { checkOutputFile, type OutputOrigin } from '../../../core/base/check-output.ts';
import { fileFailure } from '../../../core/base/file-failure.ts';
import { parsePrompts } from '../parse-prompts.ts';
import { sourceStatus } from '../source-status.ts';
import type { VerbContext } from '../verb-context.ts';
import { openSession } from './track.ts';
import { withPrompts } from './with-prompts.ts';

export interface SegmentFlags {
  readonly out: string;
  readonly session?: string;
  readonly text: readonly string[];
  readonly point: readonly string[];
  readonly box: readonly string[];
  readonly mask: readonly string[];
  readonly frame: string;
  readonly pack?: string;
  readonly device: string;
  readonly overwrite?: boolean;
}

function makeScratch(): string {
  const folder = tmpdir();
  try {
    return mkdtempSync(join(folder, 'masklet-'));
  } catch (cause) {
    const message = `The folder for temporary files ${folder} cannot be written; name another one with TMPDIR.`;
    throw new StudioError('permission-denied', 'environment', message, { details: { path: folder }, cause });
  }
}

interface Answer {
  readonly packId: string;
  readonly masks: readonly FrameMask[];
  readonly facts: object;
}

/**
 * `segment IMAGE|VIDEO`: the masks of one frame, with any pack that decodes masks; one PNG an object. With `--session` the prompts and
 * masks stay there, and prompts given in a later call correct the answer to the earlier ones.
 */
export async function runSegment(context: VerbContext, path: string, flags: SegmentFlags): Promise<number> {
  const prompts = readPrompts(flags);
  const scratch = flags.session === undefined ? makeScratch() : null;
  try {
    const sessionPath = scratch === null ? (flags.session ?? null) : join(scratch, 'still.masklet');
    const { sessionId, state } = await openSession(context, path, sessionPath);
    const { state: after, answer } = await withPrompts(context, sessionId, prompts, (told) =>
      ask(context, { sessionId, state: told }, prompts, flags),
    );
    await context.engine.closeSession({ sessionId });
    const { width, height } = after.video;
    const outputs = outputPaths(resolve(flags.out), answer.masks);
    const origin = { sourcePath: state.video.path, sessionPath: state.sessionPath };
    for (const path of outputs.values()) await checkOutput(origin, path, flags.overwrite === true);
    for (const mask of answer.masks) {
      const file = outputs.get(mask.objectId) as string;
      writeMask(file, mask.mask ?? emptyMask(width, height));
      context.output.result(file, maskLine(mask, file, answer));
    }
    if (answer.masks.length === 0) context.output.say(`Nothing was found (${answer.packId}).`);
    return sourceStatus(context.output, state.video.truncated, 'segmented');
  } finally {
    if (scratch !== null) rmSync(scratch, { recursive: true, force: true });
  }
}

/** Points and boxes may leave object and frame out: `X,Y` is object 1 on `--frame`. */
function readPrompts(flags: SegmentFlags): PromptInput[] {
  const { frame } = flags;
  if (!/^\d+$/.test(frame)) {
    throw new StudioError('usage', 'user', `--frame "${frame}" is not a frame index (0-based).`);
  }
  const placed = (value: string) => (value.includes(':') ? value : `1:${frame}:${value}`);
  const prompts = parsePrompts(
    {
      text: flags.text,
      point: flags.point.map(placed),
      box: flags.box.map(placed),
      mask: flags.mask.map(placed),
      prompts: undefined,
    },
    Number(frame),
  );
  const elsewhere = prompts.find(({ frameIndex: index }) => index !== Number(frame));
  if (elsewhere !== undefined) {
    const message = `A prompt names frame ${elsewhere.frameIndex}, but frame ${frame} is segmented; say --frame ${elsewhere.frameIndex}.`;
    throw new StudioError('usage', 'user', message);
  }
  if (flags.text.length > 0 && prompts.length > 1) {
    throw new StudioError('usage', 'user', 'Give one --text alone, or points, boxes and masks; not both.');
  }
  return prompts;
}

async function ask(
  { engine, signal }: VerbContext,
  { sessionId, state }: { readonly sessionId: string; readonly state: SessionState },
  prompts: readonly PromptInput[],
  flags: SegmentFlags,
) {
  const pack = { packId: flags.pack ?? null, device: flags.device };
  const index = frameIndex(Number(flags.frame));
  if (prompts[0]?.kind === 'text') {
    const { phrase } = prompts[0];
    const concept = state.concepts.find((each) => each.phrase === phrase);
    if (concept === undefined) throw new StudioError('internal', 'bug', 'The phrase was not kept; try again.');
    const { conceptId } = concept;
    const { instances } = await engine.detect({ sessionId, frameIndex: index, conceptId, ...pack }, { signal });
    return { state, answer: fromInstances(instances, flags.pack ?? 'the built-in pack') };
  }
  const wish = { sessionId, frameIndex: index, objectIds: null, ...pack, keep: flags.session !== undefined };
  const result = await engine.segment(wish, { signal });
  return { state, answer: fromResult(result) };
}

function fromResult({ packId, provider, masks, wallMillis, modelMillis }: SegmentResult): Answer {
  return { packId, masks, facts: { packId, provider, wallMillis, modelMillis } };
}

function fromInstances(instances: readonly DetectedInstance[], packId: string): Answer {
  const masks = instances.map(
    ({ mask, score, presence }, at): FrameMask => ({
      objectId: objectId(at + 1),
      mask,
      source: 'detected',
      scores: { ...noScores, detection: score, presence },
      provisional: false,
    }),
  );
  return { packId, masks, facts: { packId } };
}

/** `PATH` for one object; for several, `NAME-ID.png` beside it. */
function outputPaths(path: string, masks: readonly FrameMask[]): ReadonlyMap<ObjectId, string> {
  const extension = extname(path);
  const stem = join(dirname(path), basename(path, extension));
  const named = (id: ObjectId) => (masks.length === 1 ? path : `${stem}-${id}${extension || '.png'}`);
  return new Map(masks.map(({ objectId: id }) => [id, named(id)]));
}

async function checkOutput(origin: OutputOrigin, path: string, overwrite: boolean): Promise<void> {
  await checkOutputFile(origin, path, overwrite);
  if (!statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory()) {
    throw new StudioError('file-missing', 'user', `The folder ${dirname(path)} does not exist; make it first.`);
  }
}

/** 8-bit grey, 255 where the object is; appears whole or not at all. */
function writeMask(path: string, mask: RleMask): void {
  const { width, height } = mask;
  const png = new PNG({ width, height, colorType: 0, inputColorType: 0, inputHasAlpha: false, bitDepth: 8 });
  png.data = Buffer.from(bitmapFromRle(mask).map((value) => value * 255));
  const draft = join(dirname(path), `.${basename(path)}.partial-${process.pid}`);
  try {
    const options = { colorType: 0, inputColorType: 0, inputHasAlpha: false } as const;
    writeFileSync(draft, PNG.sync.write(png, options));
    renameSync(draft, path);
  } catch (cause) {
    if (existsSync(draft)) rmSync(draft);
    throw fileFailure(cause, path, 'write');
  }
}

function maskLine({ objectId: id, mask, source, scores }: FrameMask, path: string, { facts }: Answer): object {
  return {
    type: 'mask',
    objectId: id,
    path,
    present: mask !== null,
    area: mask === null ? 0 : maskArea(mask),
    box: mask === null ? null : maskBox(mask),
    source,
    ...scores,
    ...facts,
  };
}
