import type { PromptState, SessionState } from '../../src-shared/contract/results.ts';
import type { PromptInput } from '../../src-shared/contract/schemas.ts';
import { type FrameIndex, type ObjectId, type PromptId, objectId as toObjectId } from '../../src-shared/domain/ids.ts';
import { noScores } from '../../src-shared/domain/scores.ts';
import type { BoxInVideo, PointInVideo } from '../../src-shared/geometry/geometry.ts';
import { maskArea, type RleMask } from '../../src-shared/mask/rle.ts';
import { applyState, type Desk, reloadLanes, sessionOn } from './desk.ts';

/** An object and a frame whose answer is out of date. */
interface Question {
  readonly objectId: ObjectId;
  readonly frameIndex: FrameIndex;
}

/** Clicks and boxes: each is stored, then the frame is answered at once. They are worked off in order, however fast a person clicks. */
export class Prompting {
  readonly #desk: Desk;
  #chain: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  addPoint(point: PointInVideo, include: boolean): void {
    const question = this.#question();
    if (!include && !this.#knows(question.objectId)) {
      this.#desk.notices.show({ tone: 'info', title: 'notice.excludeNeedsObject' });
      return;
    }
    this.#add(question, { kind: 'point', ...question, point, include });
  }

  addBox(box: BoxInVideo): void {
    const question = this.#question();
    this.#add(question, { kind: 'box', ...question, box });
  }

  /** A painted mask becomes what the object is on that frame; painting on changes the same prompt. One undoable step either way. */
  addMask(wished: ObjectId | null, frame: number, mask: RleMask): void {
    const frameIndex = frame as FrameIndex;
    const objectId = wished ?? toObjectId(this.#desk.store.value.session?.state.nextObjectId ?? 1);
    if (maskArea(mask) === 0) {
      this.#desk.notices.show({ tone: 'info', title: 'notice.emptyMask' });
      return;
    }
    const last = this.#saidOn(objectId, frameIndex).at(-1);
    this.#desk.store.patch({ selectedObject: wished, selectedPrompt: null });
    // The painted mask stays on screen while it is stored.
    const shown = { objectId, mask, source: 'prompt', scores: noScores, provisional: false } as const;
    this.#desk.media()?.masks.merge([{ frameIndex, masks: [shown] }]);
    if (last?.prompt.kind === 'mask') {
      this.#edit(
        async (sessionId) => this.#desk.client().changePrompt({ sessionId, promptId: last.promptId, change: { mask } }),
        [last.promptId],
      );
    } else this.#add({ objectId, frameIndex }, { kind: 'mask', objectId, frameIndex, mask });
  }

  movePrompt(promptId: PromptId, change: { readonly point?: PointInVideo; readonly box?: BoxInVideo }): void {
    this.#edit(async (sessionId) => this.#desk.client().changePrompt({ sessionId, promptId, change }), [promptId]);
  }

  removePrompts(promptIds: readonly PromptId[]): void {
    if (promptIds.length === 0) return;
    this.#edit(
      async (sessionId) => this.#desk.client().removePrompts({ sessionId, promptIds: [...promptIds] }),
      promptIds,
    );
  }

  undo(): void {
    this.#travel(() => this.#desk.client().undo({ sessionId: sessionOn(this.#desk).sessionId }));
  }

  redo(): void {
    this.#travel(() => this.#desk.client().redo({ sessionId: sessionOn(this.#desk).sessionId }));
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

  #saidOn(objectId: ObjectId, frameIndex: number): readonly PromptState[] {
    const prompts = this.#desk.store.value.session?.state.prompts ?? [];
    return prompts.filter(
      ({ prompt }) => 'objectId' in prompt && prompt.objectId === objectId && prompt.frameIndex === frameIndex,
    );
  }

  /** Where a click would go now. */
  #question(): Question {
    const { session, selectedObject, playhead } = this.#desk.store.value;
    const frameIndex = playhead.frameIndex as FrameIndex;
    return { frameIndex, objectId: selectedObject ?? toObjectId(session?.state.nextObjectId ?? 1) };
  }

  #knows(objectId: ObjectId): boolean {
    return this.#desk.store.value.session?.state.objects.some((object) => object.objectId === objectId) === true;
  }

  #add(question: Question, prompt: PromptInput): void {
    const { tool } = this.#desk.store.value;
    this.#desk.store.patch({
      selectedObject: question.objectId,
      selectedPrompt: null,
      excludeNext: false,
      // A box starts an object; what follows is mostly clicks that correct it.
      tool: tool === 'box' ? 'point' : tool,
    });
    this.#queue(async (sessionId) => {
      const state = await this.#desk.client().addPrompts({ sessionId, prompts: [prompt] });
      applyState(this.#desk, sessionId, state);
      this.#desk.store.patch({ selectedObject: question.objectId });
      await this.#answer(sessionId, [question]);
    });
  }

  /** Changes or removes prompts, then answers again every frame they were about. */
  #edit(edit: (sessionId: string) => Promise<SessionState>, promptIds: readonly PromptId[]): void {
    const touched = this.#questionsOf(promptIds);
    this.#queue(async (sessionId) => {
      const state = await edit(sessionId);
      applyState(this.#desk, sessionId, state);
      const left = touched.filter((question) => isPrompted(state, question));
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

  /** Asks the model, unless something newer is waiting that will ask anyway. */
  async #answer(sessionId: string, questions: readonly Question[]): Promise<void> {
    const { store, client } = this.#desk;
    for (const { objectId, frameIndex } of questions) {
      if (this.#waiting > 1) continue;
      const { packId, device } = store.value.settings;
      const result = await client().segment({
        sessionId,
        frameIndex,
        objectIds: [objectId],
        packId,
        device,
        keep: true,
      });
      const media = this.#desk.media();
      if (media?.sessionId !== sessionId) return;
      media.masks.merge([result]);
      media.lanes.commit([result]);
      media.earlier.refresh(frameIndex);
      store.patch({ lastAnswerMillis: result.wallMillis });
    }
    // An answer may have taken the place of a tracked mask: that can be compared now.
    if (questions.length > 0) applyState(this.#desk, sessionId, await client().sessionState({ sessionId }));
  }

  #travel(go: () => Promise<SessionState>): void {
    this.#queue(async (sessionId) => {
      const before = new Set(sessionOn(this.#desk).state.prompts.map(({ promptId }) => promptId));
      const state = await go();
      const frameIndex = this.#desk.store.value.playhead.frameIndex as FrameIndex;
      this.#desk.media()?.earlier.refresh(frameIndex);
      this.#desk.media()?.masks.refresh(frameIndex);
      applyState(this.#desk, sessionId, state);
      await this.#answer(sessionId, openQuestions(state, frameIndex, before));
      await reloadLanes(this.#desk);
    });
  }

  #queue(work: (sessionId: string) => Promise<void>): void {
    const { store, notices } = this.#desk;
    const { sessionId } = sessionOn(this.#desk);
    this.#waiting++;
    store.patch({ answering: true });
    this.#chain = this.#chain.then(async () => {
      await notices.guard(async () => {
        try {
          await work(sessionId);
        } catch (error) {
          // What was shown ahead of the answer is not there.
          this.#desk.media()?.masks.refresh(store.value.playhead.frameIndex);
          throw error;
        }
      });
      this.#waiting--;
      if (this.#waiting === 0) store.patch({ answering: false });
    });
  }
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

function isPrompted(state: SessionState, { objectId, frameIndex }: Question): boolean {
  return state.prompts.some(
    ({ prompt }) => 'objectId' in prompt && prompt.objectId === objectId && prompt.frameIndex === frameIndex,
  );
}
