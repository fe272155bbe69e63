import type { ObjectState } from '../../../src-shared/contract/results.ts';
import type { ObjectId } from '../../../src-shared/domain/ids.ts';
import { objectColour } from '../../../src-shared/domain/palette.ts';
import { ticksToSecs } from '../../../src-shared/time/timebase.ts';
import { brushOf } from '../../state/brush.ts';
import { weakObjects } from '../../state/concepts.ts';
import { identityGhosts } from '../../state/identity-ghosts.ts';
import type { OpenSession, StudioState } from '../../state/studio-state.ts';
import type {
  GhostLane,
  TimelineColours,
  TimelineObject,
  TimelinePrompt,
  TimelineScene,
} from '../../timeline/timeline-scene.ts';
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
  readonly #laneGhosts = remember(laneGhostsOf);
  readonly #prompts = remember(lanePrompts);
  readonly #secs = remember(secsOfSession);

  viewport(state: StudioState, t: Translate): Scene | null {
    const { session, playhead, overlay, opacity, tool, excludeNext, solo, selectedObject, selectedPrompt } = state;
    if (session === null) return null;
    const { objects, prompts, video } = session.state;
    return {
      video,
      frameIndex: playhead.frameIndex,
      rate: playhead.rate,
      overlay,
      opacity,
      objects: this.#objects(objects, solo, selectedObject, this.#weak(objects, session.state.concepts)),
      markers: this.#markers(prompts, objects, solo, selectedPrompt),
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
    const { session, playhead, shownFrame, marks, solo, selectedObject, selectedPrompt, job, settings, cuts } = state;
    if (session === null) return null;
    const { objects, prompts, video } = session.state;
    const running = job?.objectIds ?? NOTHING;
    return {
      frameCount: video.frameCount,
      aspectRatio: video.width / video.height,
      frameIndex: playhead.frameIndex,
      shownFrame,
      marks,
      objects: this.#lanes(objects, solo, selectedObject, running),
      prompts: this.#prompts(prompts, selectedPrompt),
      cuts,
      times: session.times,
      secsOf: this.#secs(session),
      hasSound: video.audio.length > 0,
      ruler: settings.ruler,
      unfolded: state.lanesUnfolded,
      ghosts: this.#laneGhosts(state.identity),
      firstFrameNumber: settings.firstFrameNumber,
      emptyText: t('timeline.empty'),
      overviewText: t('timeline.overview', { count: objects.length }),
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
const NO_GHOSTS: readonly GhostLane[] = [];

/** What a change of who is who would make of the lanes, while it is only shown. */
function laneGhostsOf(identity: StudioState['identity']): readonly GhostLane[] {
  return identity?.plan == null ? NO_GHOSTS : identityGhosts(identity.change, identity.plan);
}

function secsOfSession({ times, state }: OpenSession): (frameIndex: number) => number {
  const { firstPts, timebase } = state.video;
  return (frameIndex) => ticksToSecs(times.pts[frameIndex] - firstPts, timebase);
}

export function isVisible({ objectId, hidden }: ObjectState, solo: ObjectId | null): boolean {
  return solo === null ? !hidden : objectId === solo;
}

function objectLooks(
  objects: readonly ObjectState[],
  solo: ObjectId | null,
  selected: ObjectId | null,
  weak: ReadonlySet<ObjectId>,
): ReadonlyMap<ObjectId, ObjectLook> {
  return new Map(
    objects.map((object) => [
      object.objectId,
      {
        colour: object.colour,
        visible: isVisible(object, solo) && !weak.has(object.objectId),
        selected: object.objectId === selected,
      },
    ]),
  );
}

type Prompts = NonNullable<StudioState['session']>['state']['prompts'];

function markersOf(
  prompts: Prompts,
  objects: readonly ObjectState[],
  solo: ObjectId | null,
  selectedPrompt: StudioState['selectedPrompt'],
): readonly Marker[] {
  const drawn = new Map(objects.filter((object) => isVisible(object, solo)).map((object) => [object.objectId, object]));
  return prompts.flatMap(({ promptId, prompt }): Marker[] => {
    if (prompt.kind === 'exemplar') {
      const { frameIndex, include, box } = prompt;
      const colour = conceptColour(prompt.conceptId);
      const facts = { promptId, frameIndex, colour, include, selected: promptId === selectedPrompt };
      return [{ ...facts, example: true, shape: { kind: 'box', box } }];
    }
    if (prompt.kind !== 'point' && prompt.kind !== 'box') return [];
    const colour = drawn.get(prompt.objectId)?.colour;
    if (colour === undefined) return [];
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
  solo: ObjectId | null,
  selected: ObjectId | null,
  running: readonly ObjectId[],
): readonly TimelineObject[] {
  return objects.map((object) => {
    const { objectId, name, colour, tracking, locked } = object;
    return {
      objectId,
      label: `${objectId}  ${name}`,
      colour,
      selected: objectId === selected,
      visible: isVisible(object, solo),
      locked,
      changed: tracking === 'changed' && !running.includes(objectId),
      running: running.includes(objectId),
    };
  });
}

function lanePrompts(
  prompts: Prompts,
  selectedPrompt: StudioState['selectedPrompt'],
): ReadonlyMap<ObjectId, readonly TimelinePrompt[]> {
  const all = prompts.flatMap(({ promptId, prompt }) =>
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
  return Map.groupBy(all, ({ objectId }) => objectId);
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
