import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PromptInput } from '../../../../src-shared/contract/schemas.ts';
import { promptInputSchema } from '../../../../src-shared/contract/schemas.ts';
import { StudioError } from '../../../../src-shared/errors/studio-error.ts';
import { requireFolder } from '../../../core/base/make-folder.ts';
import type { VerbContext } from '../verb-context.ts';
import { removeSession } from './remove-session.ts';
import { openSession, trackPrompts } from './track.ts';
import { report } from './write-outputs.ts';

/** Our own clip, rendered by resources/sample/make-sample.ts. */
const SAMPLE_CLIP = fileURLToPath(new URL('../../../../resources/sample/tumble.mp4', import.meta.url));

/** Two things found by name and one by clicks, so that both ways of asking are seen. */
const DEMO_PROMPTS: readonly PromptInput[] = [
  { kind: 'point', objectId: 1, frameIndex: 0, point: { x: 466, y: 526 }, include: true },
  { kind: 'point', objectId: 1, frameIndex: 0, point: { x: 430, y: 490 }, include: true },
  { kind: 'text', phrase: 'yellow thing', frameIndex: 0 },
  { kind: 'text', phrase: 'red thing', frameIndex: 0 },
].map((prompt) => promptInputSchema.parse(prompt));

/** `demo`: the main job on the sample clip with the built-in pack: session, annotated MP4, contact sheet. */
export async function runDemo(context: VerbContext, flags: { readonly out: string }): Promise<number> {
  if (!existsSync(SAMPLE_CLIP)) {
    throw new StudioError(
      'file-missing',
      'environment',
      'The sample clip is missing from resources/sample; run "node resources/sample/make-sample.ts".',
    );
  }
  const out = resolve(flags.out);
  requireFolder(out);
  const sessionPath = join(out, 'demo.masklet');
  await removeSession(context, sessionPath);
  const { sessionId } = await openSession(context, SAMPLE_CLIP, sessionPath);
  await trackPrompts(context, sessionId, {
    prompts: DEMO_PROMPTS,
    range: { first: null, last: null },
    flags: { direction: 'both', device: 'cpu', policy: 'studio' },
  });
  await context.engine.closeSession({ sessionId });
  const video = { sessionPath, outPath: join(out, 'demo_tracked.mp4'), style: 'overlay', overwrite: true } as const;
  const status = await report(
    context,
    'rendering',
    context.engine.render({ ...video, range: { first: null, last: null } }, { signal: context.signal }),
  );
  const sheet = { sessionPath, outPath: join(out, 'demo_sheet.png'), title: 'Masklet Studio', overwrite: true };
  await report(context, 'drawing', context.engine.contactSheet(sheet, { signal: context.signal }));
  context.output.result(sessionPath, { type: 'session', path: sessionPath });
  return status;
}
