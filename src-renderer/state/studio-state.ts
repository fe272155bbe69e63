import type { QueuedJob } from '../../src-shared/contract/job-contract.ts';
import type { PackListing } from '../../src-shared/contract/report-results.ts';
import type {
  DetectedInstance,
  DoctorReport,
  FrameTimes,
  OpenedModel,
  SessionListing,
  SessionPresence,
  SessionState,
} from '../../src-shared/contract/results.ts';
import type { TrackingPlan } from '../../src-shared/contract/tracking-contract.ts';
import type { EngineNote } from '../../src-shared/domain/engine-note.ts';
import type { ConceptId, ObjectId, PromptId } from '../../src-shared/domain/ids.ts';
import type { ErrorData } from '../../src-shared/errors/studio-error.ts';
import type { PointInVideo } from '../../src-shared/geometry/geometry.ts';
import type { RleMask } from '../../src-shared/mask/rle.ts';
import type { HostAbout } from '../host/host.ts';
import type { MessageKey, MessageValues } from '../ui/i18n/messages.ts';
import type { ExportOutput } from './export-output.ts';
import type { PanelName } from './panels.ts';
import { freshReview, type IdentityPreview, type InspectorTab, type ReviewDesk } from './review-state.ts';

export type ConnectionState = 'connecting' | 'open' | 'lost';
export type ToolName = 'select' | 'point' | 'box' | 'brush' | 'eraser' | 'exemplar' | 'hand';
export type OverlayMode = 'fill' | 'outline' | 'matte' | 'off';
export type TrackScope = 'backward' | 'back-one' | 'forward-one' | 'forward' | 'both';

/** A session on the desk. */
export interface OpenSession {
  readonly sessionId: string;
  readonly state: SessionState;
  readonly times: FrameTimes;
}

interface Playhead {
  /** The frame the person is on. */
  readonly frameIndex: number;
  /** Playing speed; 0 is paused, negative is backward. */
  readonly rate: number;
}

/** In and out marks; null: the end of the clip on that side. Both inclusive. */
export interface Marks {
  readonly first: number | null;
  readonly last: number | null;
}

/** A run of the session on the desk. */
/** What Track would do now. `outside`: nothing, because no prompt lies between the marks. */
export type RunOutlook = { readonly kind: 'plan'; readonly plan: TrackingPlan } | { readonly kind: 'outside' };

export interface TrackJob {
  readonly state: 'starting' | 'running' | 'stopping';
  readonly framesDone: number;
  readonly frameCount: number;
  /** Those that were done when its clock began. */
  readonly resumedFrames: number;
  readonly startedAtMillis: number;
  readonly provider: string;
  readonly objectIds: readonly ObjectId[];
  /** Phrases that it searches for. */
  readonly phraseCount: number;
}

/** A batch of exports; it goes on whatever is on the desk. */
export interface WriteJob {
  /** Of the session that it reads. */
  readonly sessionPath: string;
  readonly label: MessageKey;
  readonly done: number;
  readonly total: number;
  readonly startedAtMillis: number;
}

/** How the last run ended before it was through; null once another one starts. */
export interface PausedRun {
  readonly framesDone: number;
  readonly frameCount: number;
  readonly reason: 'paused' | 'interrupted';
}

export interface ConceptView {
  readonly conceptId: ConceptId;
  readonly phrase: string;
  readonly threshold: number;
  readonly frameIndex: number;
  /** What the detector saw on `frameIndex`; null while it looks. */
  readonly instances: readonly DetectedInstance[] | null;
  /** Places in `instances` that a person has taken for an object or turned down. */
  readonly settled: ReadonlySet<number>;
}

/** The mask that a click would give; never stored. */
interface PreviewedMask {
  readonly frameIndex: number;
  readonly objectId: ObjectId;
  /** null: the model would see nothing there. */
  readonly mask: RleMask | null;
}

export interface Notice {
  readonly id: number;
  readonly tone: 'info' | 'success' | 'warning' | 'error';
  readonly title: MessageKey;
  readonly values?: MessageValues;
  /** The engine's own sentence. */
  readonly detail?: string;
  readonly error?: ErrorData;
  /** Path to copy or show. */
  readonly path?: string;
  /** What a person can do about it at once; the notice goes with it. */
  readonly action?: { readonly label: MessageKey; readonly run: () => void | Promise<void> };
}

export interface ComingHistory {
  readonly undo: boolean;
  readonly redo: boolean;
}

export const NO_COMING_HISTORY: ComingHistory = { undo: false, redo: false };

/** The chosen pack on the chosen device, tried. */
export type SelfTest =
  | { readonly kind: 'running' }
  | {
      readonly kind: 'passed';
      readonly packId: string;
      readonly provider: string;
      readonly millisPerFrame: number;
      readonly notes: readonly EngineNote[];
    }
  | { readonly kind: 'failed'; readonly reason: string };

export type DialogName = 'open' | 'export' | 'settings' | 'shortcuts' | 'palette' | 'locate' | 'trash';

export interface Opening {
  readonly name: string;
  /** It is the session on the desk, whose line to the engine was down. */
  readonly again: boolean;
  readonly framesDone: number;
  readonly framesExpected: number | null;
  /** Address of the clip's first picture, once it is here. */
  readonly picture: string | null;
  readonly startedAtMillis: number;
}

export interface Settings {
  readonly language: 'en' | 'zh-CN';
  readonly theme: 'dark' | 'light' | 'system';
  readonly scale: number;
  readonly preset: 'editor' | 'annotator';
  /** Keys that a person gave commands, by preset and command id; the others have their own. */
  readonly keymap: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  readonly firstFrameNumber: 0 | 1;
  readonly device: string;
  readonly packId: string | null;
  readonly coachDone: boolean;
  /** What the timeline's ruler counts. */
  readonly ruler: 'frames' | 'time';
  readonly muted: boolean;
  /** 0..1 */
  readonly volume: number;
  /** Kept with reviews; may be empty. */
  readonly reviewer: string;
  readonly recent: readonly string[];
}

/** Everything the panels show. Frames, masks and lanes live in their own stores, because they are large and drawn by classes. */
export interface StudioState {
  readonly connection: ConnectionState;
  /** Why the engine stopped, while it is gone and somebody knows. */
  readonly lostReason: string | null;
  readonly about: HostAbout | null;
  readonly doctor: DoctorReport | null;
  /** Packs that segment. */
  readonly packs: readonly PackListing[];
  /** null: not tried yet. */
  readonly selfTest: SelfTest | null;
  readonly sessions: readonly SessionListing[] | null;
  readonly trash: readonly SessionListing[];
  /** The engine's queue; null: not known, or another studio runs it. */
  readonly jobs: readonly QueuedJob[] | null;
  /** The session whose video the locate sheet looks for. */
  readonly locating: SessionListing | null;
  readonly opening: Opening | null;
  readonly session: OpenSession | null;
  /** How this page stands to it; null until it is told. */
  readonly presence: SessionPresence | null;
  readonly playhead: Playhead;
  /** The frame that is painted, masks included; follows the playhead as pictures arrive. */
  readonly shownFrame: number | null;
  /** A small picture stands for it until the exact one is here. */
  readonly roughFrame: boolean;
  readonly marks: Marks;
  /** Playing starts again at the in mark instead of stopping at the out mark. */
  readonly looping: boolean;
  /** First frames of shots, ascending; empty until they are found. */
  readonly cuts: Uint32Array;
  /** With many objects: every lane is shown below the overview. */
  readonly lanesUnfolded: boolean;
  /** Objects that prompts on their way to the engine are about, one for each: where they are not there yet, they will be. */
  readonly comingObjects: readonly ObjectId[];
  readonly selectedObject: ObjectId | null;
  readonly selectedPrompt: PromptId | null;
  /** The pointer is on a marker, which a press would pick up. */
  readonly overMarker: boolean;
  /** Several objects for one command; see `chosenObjects`. */
  readonly chosen: ReadonlySet<ObjectId>;
  readonly foldedGroups: ReadonlySet<string>;
  readonly solo: ObjectId | null;
  readonly tool: ToolName;
  /** Crosshair that the keyboard moves; null: put away. */
  readonly pointer: PointInVideo | null;
  /** The next click excludes. */
  readonly excludeNext: boolean;
  /** First corner of a box that the keyboard draws; null: none is begun. */
  readonly corner: PointInVideo | null;
  /** The brush is down at the crosshair. */
  readonly penDown: boolean;
  /** Of brush and eraser, in video pixels; null: measured by the picture. */
  readonly brushRadius: number | null;
  readonly preview: PreviewedMask | null;
  /** The view keeps the selected object in its middle. */
  readonly follow: boolean;
  /** Where the line between before and after lies, 0..1 of the width; null: only after is shown. */
  readonly wipe: number | null;
  /** The concept that an example box is about; null: the last one. */
  readonly selectedConcept: ConceptId | null;
  readonly overlay: OverlayMode;
  readonly opacity: number;
  readonly zoomPercent: number;
  /** null: not opened yet. */
  readonly model: OpenedModel | null;
  readonly answering: boolean;
  /** What can be undone and redone for certain once the steps on their way to the engine are done. */
  readonly comingHistory: ComingHistory;
  readonly lastAnswerMillis: number | null;
  readonly concepts: readonly ConceptView[];
  readonly job: TrackJob | null;
  readonly paused: PausedRun | null;
  /** null: not known, or nothing is said yet. */
  readonly outlook: RunOutlook | null;
  /** Objects of the run that failed last. */
  readonly failedObjects: readonly ObjectId[];
  readonly writing: WriteJob | null;
  /** The batch that is being written, or what came of the last one, whichever session it is of. */
  readonly exports: readonly ExportOutput[];
  /** Open panels in the order in which they were opened. */
  readonly panels: readonly PanelName[];
  readonly inspectorTab: InspectorTab;
  readonly review: ReviewDesk;
  /** A change of who is who that is shown and not made yet. */
  readonly identity: IdentityPreview | null;
  /** Rises whenever stored masks were read again because they may be others now. */
  readonly masksVersion: number;
  readonly notices: readonly Notice[];
  readonly dialog: DialogName | null;
  readonly settings: Settings;
}

export const initialSettings: Settings = {
  language: 'en',
  theme: 'dark',
  scale: 100,
  preset: 'editor',
  keymap: {},
  firstFrameNumber: 0,
  device: 'cpu',
  packId: null,
  coachDone: false,
  ruler: 'frames',
  muted: false,
  volume: 1,
  reviewer: '',
  recent: [],
};

/** What a session starts with on the desk. */
export const freshDesk = {
  presence: null,
  playhead: { frameIndex: 0, rate: 0 },
  shownFrame: null,
  roughFrame: false,
  marks: { first: null, last: null },
  looping: false,
  cuts: new Uint32Array(0),
  lanesUnfolded: false,
  selectedObject: null,
  selectedPrompt: null,
  overMarker: false,
  chosen: new Set<ObjectId>(),
  foldedGroups: new Set<string>(),
  solo: null,
  tool: 'point',
  excludeNext: false,
  pointer: null,
  corner: null,
  penDown: false,
  preview: null,
  follow: false,
  wipe: null,
  selectedConcept: null,
  answering: false,
  comingHistory: NO_COMING_HISTORY,
  comingObjects: [],
  lastAnswerMillis: null,
  concepts: [],
  job: null,
  paused: null,
  outlook: null,
  failedObjects: [],
  inspectorTab: 'object',
  review: freshReview,
  identity: null,
} as const satisfies Partial<StudioState>;

export function initialState(settings: Settings): StudioState {
  return {
    ...freshDesk,
    connection: 'connecting',
    lostReason: null,
    about: null,
    doctor: null,
    packs: [],
    selfTest: null,
    sessions: null,
    trash: [],
    jobs: null,
    writing: null,
    exports: [],
    locating: null,
    opening: null,
    session: null,
    model: null,
    overlay: 'fill',
    opacity: 0.5,
    brushRadius: null,
    zoomPercent: 100,
    notices: [],
    panels: ['details', 'rail'],
    masksVersion: 0,
    dialog: null,
    settings,
  };
}
