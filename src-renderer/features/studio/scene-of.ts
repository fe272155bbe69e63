import type { ObjectState } from '../../../src-shared/contract/results.ts';
import type { ObjectId } from '../../../src-shared/domain/ids.ts';
import { objectColour } from '../../../src-shared/domain/palette.ts';
import { brushOf } from '../../state/brush.ts';
import { weakObjects } from '../../state/concepts.ts';
import type { StudioState } from '../../state/studio-state.ts';
import type { TimelineColours, TimelineObject, TimelinePrompt, TimelineScene } from '../../timeline/timeline-scene.ts';
import type { Translate } from '../../ui/i18n/messages.ts';
import type { Ghost, Marker, ObjectLook, Preview, Scene } from '../../viewport/scene.ts';

const GHOST_COLOURS = ['#ffd166', '#7bdff2', '#f7aef8', '#b2f7ac'] as const;

/** Computes scenes from the state. Parts whose sources did not change stay the same object, so that nothing is composed twice. */
export class SceneMaker {
  readonly #objects = remember(objectLooks);
  readonly #markers = remember(markersOf);
  readonly #ghosts = remember(ghostsOf);
  readonly #preview = remember(previewOf);
  readonly #weak = remember(weakObjects);
  readonly #lanes = remember(laneObjects);
  readonly #prompts = remember(lanePrompts);

  viewport(state: StudioState, t: Translate): Scene | null {
    const { session, playhead, overlay, opacity, tool, excludeNext, hidden, solo, selectedObject, selectedPrompt } =
      state;
    if (session === null) return null;
    const { objects, prompts, video } = session.state;
    return {
      video,
      frameIndex: playhead.frameIndex,
      playing: playhead.rate !== 0,
      overlay,
      opacity,
      objects: this.#objects(objects, hidden, solo, selectedObject, this.#weak(objects, session.state.concepts)),
      markers: this.#markers(prompts, objects, hidden, solo, selectedPrompt),
      ghosts: this.#ghosts(state.concepts),
      tool,
      excludeNext,
      pointer: state.pointer,
      corner: state.corner,
      brush: brushOf(state),
      preview: this.#preview(state.preview, objects),
      followed: state.follow ? selectedObject : null,
      wipe: state.wipe === null ? null : { share: state.wipe, before: t('compare.before'), after: t('compare.after') },
    };
  }

  timeline(state: StudioState, colours: TimelineColours, t: Translate): TimelineScene | null {
    const { session, playhead, shownFrame, marks, hidden, solo, selectedObject, selectedPrompt, job, settings } = state;
    if (session === null) return null;
    const { objects, prompts, video } = session.state;
    const running = job?.kind === 'track' ? job.objectIds : NOTHING;
    return {
      frameCount: video.frameCount,
      aspectRatio: video.width / video.height,
      frameIndex: playhead.frameIndex,
      shownFrame,
      marks,
      objects: this.#lanes(objects, hidden, solo, selectedObject, running),
      prompts: this.#prompts(prompts, selectedPrompt),
      firstFrameNumber: settings.firstFrameNumber,
      emptyText: t('timeline.empty'),
      colours,
    };
  }
}

function previewOf(preview: StudioState['preview'], objects: readonly ObjectState[]): Preview | null {
  if (preview === null || preview.mask === null) return null;
  const colour =
    objects.find(({ objectId }) => objectId === preview.objectId)?.colour ?? objectColour(preview.objectId);
  return { frameIndex: preview.frameIndex, mask: preview.mask, colour };
}

const NOTHING: readonly ObjectId[] = [];

export function isVisible(objectId: ObjectId, hidden: ReadonlySet<ObjectId>, solo: ObjectId | null): boolean {
  return solo === null ? !hidden.has(objectId) : objectId === solo;
}

function objectLooks(
  objects: readonly ObjectState[],
  hidden: ReadonlySet<ObjectId>,
  solo: ObjectId | null,
  selected: ObjectId | null,
  weak: ReadonlySet<ObjectId>,
): ReadonlyMap<ObjectId, ObjectLook> {
  return new Map(
    objects.map(({ objectId, colour }) => [
      objectId,
      {
        colour,
        visible: isVisible(objectId, hidden, solo) && !weak.has(objectId),
        selected: objectId === selected,
      },
    ]),
  );
}

type Prompts = NonNullable<StudioState['session']>['state']['prompts'];

function markersOf(
  prompts: Prompts,
  objects: readonly ObjectState[],
  hidden: ReadonlySet<ObjectId>,
  solo: ObjectId | null,
  selectedPrompt: StudioState['selectedPrompt'],
): readonly Marker[] {
  const colours = new Map(objects.map(({ objectId, colour }) => [objectId, colour]));
  return prompts.flatMap(({ promptId, prompt }): Marker[] => {
    if (prompt.kind === 'exemplar') {
      const { frameIndex, include, box } = prompt;
      const colour = conceptColour(prompt.conceptId);
      const facts = { promptId, frameIndex, colour, include, selected: promptId === selectedPrompt };
      return [{ ...facts, example: true, shape: { kind: 'box', box } }];
    }
    if (prompt.kind !== 'point' && prompt.kind !== 'box') return [];
    if (!isVisible(prompt.objectId, hidden, solo)) return [];
    const colour = colours.get(prompt.objectId) ?? '#ffffff';
    const facts = {
      promptId,
      frameIndex: prompt.frameIndex,
      colour,
      selected: promptId === selectedPrompt,
      example: false,
    };
    return prompt.kind === 'point'
      ? [{ ...facts, include: prompt.include, shape: { kind: 'point', at: prompt.point } }]
      : [{ ...facts, include: true, shape: { kind: 'box', box: prompt.box } }];
  });
}

/** Ghosts and examples of a concept share a colour that no object has. */
export function conceptColour(conceptId: number): string {
  return GHOST_COLOURS[(conceptId - 1) % GHOST_COLOURS.length];
}

function ghostsOf(concepts: StudioState['concepts']): readonly Ghost[] {
  return concepts.flatMap(({ instances, frameIndex, threshold, conceptId, settled }) =>
    (instances ?? []).flatMap(({ mask, score }, place) =>
      settled.has(place)
        ? []
        : [{ frameIndex, mask, score, colour: conceptColour(conceptId), accepted: score >= threshold }],
    ),
  );
}

function laneObjects(
  objects: readonly ObjectState[],
  hidden: ReadonlySet<ObjectId>,
  solo: ObjectId | null,
  selected: ObjectId | null,
  running: readonly ObjectId[],
): readonly TimelineObject[] {
  return objects.map(({ objectId, name, colour, tracking }) => ({
    objectId,
    label: `${objectId}  ${name}`,
    colour,
    selected: objectId === selected,
    visible: isVisible(objectId, hidden, solo),
    changed: tracking === 'changed' && !running.includes(objectId),
    running: running.includes(objectId),
  }));
}

function lanePrompts(prompts: Prompts, selectedPrompt: StudioState['selectedPrompt']): readonly TimelinePrompt[] {
  return prompts.flatMap(({ promptId, prompt }) =>
    'objectId' in prompt
      ? [
          {
            promptId,
            objectId: prompt.objectId,
            frameIndex: prompt.frameIndex,
            include: prompt.kind !== 'point' || prompt.include,
            selected: promptId === selectedPrompt,
          },
        ]
      : [],
  );
}

/** The last result again while the arguments are the same. */
function remember<Args extends readonly unknown[], Result>(make: (...args: Args) => Result): (...args: Args) => Result {
  let last: { readonly args: Args; readonly result: Result } | null = null;
  return (...args) => {
    if (last !== null && args.every((arg, index) => Object.is(arg, last?.args[index]))) return last.result;
    last = { args, result: make(...args) };
    return last.result;
  };
}
