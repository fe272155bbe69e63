import type { PromptState, SegmentResult, SessionState } from '../../src-shared/contract/results.ts';
import type { PromptInput } from '../../src-shared/contract/schemas.ts';
import type { FrameIndex, ObjectId, PromptId } from '../../src-shared/domain/ids.ts';
import { noScores } from '../../src-shared/domain/scores.ts';
import type { BoxInVideo, PointInVideo } from '../../src-shared/geometry/geometry.ts';
import { maskArea, maskIou, type RleMask } from '../../src-shared/mask/rle.ts';
import { isObject, nextObjectId } from './coming-objects.ts';
import { applyState, type Desk, reloadLanes, sessionOn } from './desk.ts';
import { isViewer } from './edit-rules.ts';
import { type ComingHistory, NO_COMING_HISTORY } from './studio-state.ts';

/** An object and a frame whose answer is out of date. */
interface Question {
  readonly objectId: ObjectId;
  readonly frameIndex: FrameIndex;
}

interface Step {
  readonly sessionId: string;
  /** What it will ask the model for certain. */
  readonly questions: readonly Question[];
  /** Resolves when it is done or has failed. */
  readonly done: Promise<void>;
}

/** Something that is done to a session; its state afterwards. */
type Change = (sessionId: string) => Promise<SessionState>;

/**
 * Clicks and boxes: each is stored, then the frame is answered at once. They are worked off in order, however fast a person clicks. Where the
 * session is only looked at, nothing is said to it; once it has left the desk, what was said is still stored, and not answered any more.
 */
export class Prompting {
  readonly #desk: Desk;
  /** The first one is under way. */
  readonly #steps: Step[] = [];

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Resolves once everything that was said about a session is stored, and on the desk answered, or has failed; until then it must stay open. */
  async settled(sessionId: string): Promise<void> {
    const last = () => this.#steps.findLast((step) => step.sessionId === sessionId);
    for (let step = last(); step !== undefined; step = last()) await step.done;
  }

  /** `frame`: the one that was clicked on; absent: where the playhead is. */
  addPoint(point: PointInVideo, include: boolean, frame?: number): void {
    if (isViewer(this.#desk.store.value)) return;
    const question = this.#question(frame);
    if (!include && !isObject(this.#desk.store.value, question.objectId)) {
      this.#desk.notices.show({ tone: 'info', title: 'notice.excludeNeedsObject' });
      return;
    }
    this.#add(question, this.#toStore({ kind: 'point', ...question, point, include }));
  }

  /** `frame`: the one on which it was begun; absent: where the playhead is. */
  addBox(box: BoxInVideo, frame?: number): void {
    if (isViewer(this.#desk.store.value)) return;
    const question = this.#question(frame);
    this.#add(question, this.#toStore({ kind: 'box', ...question, box }));
  }

  /**
   * A painted mask becomes what the object is on that frame; painting on changes the same prompt. One undoable step either way; none where
   * the mask is as it was.
   */
  addMask(wished: ObjectId | null, frame: number, mask: RleMask): void {
    if (isViewer(this.#desk.store.value)) return;
    const frameIndex = frame as FrameIndex;
    const objectId = wished ?? nextObjectId(this.#desk.store.value);
    const there = this.#desk
      .media()
      ?.masks.get(frame)
      ?.find((own) => own.objectId === objectId);
    if (isSameMask(there?.mask ?? null, mask)) return;
    if (maskArea(mask) === 0) {
      this.#desk.notices.show({ tone: 'info', title: 'notice.emptyMask' });
      return;
    }
    // The painted mask stays on screen while it is stored.
    const shown = { objectId, mask, source: 'prompt', scores: noScores, provisional: false } as const;
    this.#desk.media()?.masks.merge([{ frameIndex, masks: [shown] }]);
    this.#add({ objectId, frameIndex }, async (sessionId) => {
      const last = saidOn(await this.#stateOf(sessionId), { objectId, frameIndex }).at(-1);
      return last?.prompt.kind === 'mask'
        ? this.#desk.client().changePrompt({ sessionId, promptId: last.promptId, change: { mask } })
        : this.#toStore({ kind: 'mask', objectId, frameIndex, mask })(sessionId);
    });
  }

  movePrompt(promptId: PromptId, change: { readonly point?: PointInVideo; readonly box?: BoxInVideo }): void {
    if (isViewer(this.#desk.store.value)) return;
    this.#edit((sessionId) => this.#desk.client().changePrompt({ sessionId, promptId, change }), [promptId]);
  }

  removePrompts(promptIds: readonly PromptId[]): void {
    if (promptIds.length === 0) return;
    this.#edit((sessionId, left) => this.#desk.client().removePrompts({ sessionId, promptIds: left }), promptIds);
  }

  undo(): void {
    this.#travel((sessionId) => this.#desk.client().undo({ sessionId }), { redo: true });
  }

  redo(): void {
    this.#travel((sessionId) => this.#desk.client().redo({ sessionId }), { undo: true });
  }

  /** The next click makes a new object. */
  newObject(): void {
    const { tool } = this.#desk.store.value;
    this.#desk.store.patch({
      selectedObject: null,
      selectedPrompt: null,
      excludeNext: false,
      tool: tool === 'box' ? 'box' : 'point',
    });
  }

  /** What a click on a frame would be about now. */
  #question(frame = this.#desk.store.value.playhead.frameIndex): Question {
    const { selectedObject } = this.#desk.store.value;
    return { frameIndex: frame as FrameIndex, objectId: selectedObject ?? nextObjectId(this.#desk.store.value) };
  }

  /** The session as the steps before have left it, also once it is off the desk. */
  async #stateOf(sessionId: string): Promise<SessionState> {
    const { session } = this.#desk.store.value;
    return session?.sessionId === sessionId ? session.state : this.#desk.client().sessionState({ sessionId });
  }

  #toStore(prompt: PromptInput): Change {
    return (sessionId) => this.#desk.client().addPrompts({ sessionId, prompts: [prompt] });
  }

  #add(question: Question, change: Change): void {
    const { store } = this.#desk;
    this.#queue([question], async (sessionId) => {
      try {
        applyState(this.#desk, sessionId, await change(sessionId));
      } finally {
        const coming = store.value.comingObjects;
        const place = this.#isOnDesk(sessionId) ? coming.indexOf(question.objectId) : -1;
        if (place >= 0) store.patch({ comingObjects: coming.toSpliced(place, 1) });
      }
      await this.#answer(sessionId, [question]);
    });
    const { tool, comingObjects } = store.value;
    store.patch({
      comingObjects: [...comingObjects, question.objectId],
      selectedObject: question.objectId,
      selectedPrompt: null,
      excludeNext: false,
      // A box starts an object; what follows is mostly clicks that correct it.
      tool: tool === 'box' ? 'point' : tool,
    });
  }

  /** Changes or removes prompts, then answers again every frame they were about. */
  #edit(edit: (sessionId: string, left: PromptId[]) => Promise<SessionState>, promptIds: readonly PromptId[]): void {
    const touched = this.#questionsOf(promptIds);
    this.#queue(touched, async (sessionId) => {
      const before = await this.#stateOf(sessionId);
      const there = promptIds.filter((wanted) => before.prompts.some(({ promptId }) => promptId === wanted));
      // An earlier step has removed them: what it left to this one to answer is answered.
      const state = there.length === 0 ? before : await edit(sessionId, there);
      applyState(this.#desk, sessionId, state);
      const left = touched.filter((question) => saidOn(state, question).length > 0);
      if (left.length < touched.length) this.#desk.media()?.masks.refresh(this.#desk.store.value.playhead.frameIndex);
      await this.#answer(sessionId, left);
      if (left.length < touched.length) await reloadLanes(this.#desk);
    });
  }

  #questionsOf(promptIds: readonly PromptId[]): Question[] {
    const prompts = this.#desk.store.value.session?.state.prompts ?? [];
    const wanted = new Set(promptIds);
    const questions = prompts.flatMap(({ promptId, prompt }) =>
      wanted.has(promptId) && 'objectId' in prompt
        ? [{ objectId: prompt.objectId, frameIndex: prompt.frameIndex }]
        : [],
    );
    return [...new Map(questions.map((each) => [`${each.objectId}:${each.frameIndex}`, each])).values()];
  }

  #isOnDesk(sessionId: string): boolean {
    return this.#desk.store.value.session?.sessionId === sessionId;
  }

  /** Asks the model, unless something newer is waiting that will ask the same. */
  async #answer(sessionId: string, questions: readonly Question[]): Promise<void> {
    const { store, client } = this.#desk;
    for (const question of questions) {
      const { objectId, frameIndex } = question;
      const isSame = (other: Question) => other.objectId === objectId && other.frameIndex === frameIndex;
      if (this.#steps.slice(1).some(({ questions: later }) => later.some(isSame))) continue;
      const result = this.#isOnDesk(sessionId) ? await this.#ask(sessionId, question) : null;
      if (result === null) return;
      const media = this.#desk.media();
      media?.masks.merge([result]);
      media?.lanes.commit([result]);
      media?.earlier.refresh(frameIndex);
      store.patch({ lastAnswerMillis: result.wallMillis });
    }
    // An answer may have taken the place of a tracked mask: that can be compared now.
    if (questions.length > 0 && this.#isOnDesk(sessionId))
      applyState(this.#desk, sessionId, await client().sessionState({ sessionId }));
  }

  /** null: the session has left the desk meanwhile, and nobody waits for its answer. */
  async #ask(sessionId: string, { objectId, frameIndex }: Question): Promise<SegmentResult | null> {
    const { store, client } = this.#desk;
    const { packId, device } = store.value.settings;
    const left = Promise.withResolvers<null>();
    const stop = new AbortController();
    const unfollow = store.subscribe(() => {
      if (this.#isOnDesk(sessionId)) return;
      left.resolve(null);
      stop.abort();
    });
    try {
      const question = { sessionId, frameIndex, objectIds: [objectId], packId, device, keep: true };
      return await Promise.race([client().segment(question, { signal: stop.signal }), left.promise]);
    } finally {
      unfollow();
    }
  }

  #travel(go: Change, leaves: Partial<ComingHistory>): void {
    const work = async (sessionId: string) => {
      const before = new Set((await this.#stateOf(sessionId)).prompts.map(({ promptId }) => promptId));
      const state = await go(sessionId);
      const frameIndex = this.#desk.store.value.playhead.frameIndex as FrameIndex;
      this.#desk.media()?.earlier.refresh(frameIndex);
      this.#desk.media()?.masks.refresh(frameIndex);
      applyState(this.#desk, sessionId, state);
      await this.#answer(sessionId, openQuestions(state, frameIndex, before));
      await reloadLanes(this.#desk);
    };
    this.#queue([], work, { ...this.#desk.store.value.comingHistory, ...leaves });
  }

  /** `questions`: what the step will ask for certain. `comingHistory`: what there is to undo and redo after it; a new step ends what was undone. */
  #queue(
    questions: readonly Question[],
    work: (sessionId: string) => Promise<void>,
    comingHistory: ComingHistory = { undo: true, redo: false },
  ): void {
    const { store, notices } = this.#desk;
    const { sessionId } = sessionOn(this.#desk);
    const before = this.#steps.at(-1)?.done ?? Promise.resolve();
    const done = before.then(async () => {
      await notices.guard(async () => {
        try {
          await work(sessionId);
        } catch (error) {
          // What was shown ahead of the answer is not there.
          this.#desk.media()?.masks.refresh(store.value.playhead.frameIndex);
          throw error;
        }
      });
      this.#steps.shift();
      if (this.#steps.length === 0) store.patch({ answering: false, comingHistory: NO_COMING_HISTORY });
    });
    this.#steps.push({ sessionId, questions, done });
    store.patch({ answering: true, comingHistory });
  }
}

/** No mask and an empty one say the same. */
function isSameMask(before: RleMask | null, now: RleMask): boolean {
  return before === null ? maskArea(now) === 0 : maskIou(before, now) === 1;
}

/** What is said on this frame, and what came back anywhere, may never have been tracked: its answer is asked again. */
function openQuestions(state: SessionState, here: FrameIndex, known: ReadonlySet<PromptId>): readonly Question[] {
  const open = new Set(
    state.objects.flatMap(({ objectId, tracking, locked }) => (tracking !== 'tracked' && !locked ? [objectId] : [])),
  );
  const asked = state.prompts.flatMap(({ promptId, prompt }) =>
    'objectId' in prompt && open.has(prompt.objectId) && (prompt.frameIndex === here || !known.has(promptId))
      ? [{ objectId: prompt.objectId, frameIndex: prompt.frameIndex }]
      : [],
  );
  return [...new Map(asked.map((each) => [`${each.objectId}:${each.frameIndex}`, each])).values()];
}

function saidOn(state: SessionState, { objectId, frameIndex }: Question): readonly PromptState[] {
  return state.prompts.filter(
    ({ prompt }) => 'objectId' in prompt && prompt.objectId === objectId && prompt.frameIndex === frameIndex,
  );
}
