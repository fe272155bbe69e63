import { EngineLink } from '../client/engine-link.ts';
import type { Host } from '../host/host.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { Viewport } from '../viewport/viewport.ts';
import { Comparing } from './comparing.ts';
import { Concepts } from './concepts.ts';
import { applyState, type Desk } from './desk.ts';
import { Exporting } from './exporting.ts';
import { Identity } from './identity.ts';
import { Library } from './library.ts';
import { Machine } from './machine.ts';
import { Mounted } from './mounted.ts';
import { Notices } from './notices.ts';
import { Objects } from './objects.ts';
import { Pen } from './pen.ts';
import { Player } from './player.ts';
import { PosterMaker } from './poster-maker.ts';
import { Preview } from './preview.ts';
import { Prompting } from './prompting.ts';
import { Queue } from './queue.ts';
import { Reviewing } from './reviewing.ts';
import { RunOutlooks } from './run-preview.ts';
import { pathInAddress, Sessions } from './sessions.ts';
import { readSettings, writeSettings } from './settings-storage.ts';
import { Sound } from './sound.ts';
import { Store } from './store.ts';
import { type ConnectionState, initialState, type Settings, type StudioState } from './studio-state.ts';
import { Tracking } from './tracking.ts';

/** The page's parts, wired: one store, and the controllers that change it. Panels read the store and call controllers. */
export interface Studio {
  readonly store: Store<StudioState>;
  readonly host: Host;
  readonly notices: Notices;
  readonly sessions: Sessions;
  readonly library: Library;
  readonly queue: Queue;
  readonly machine: Machine;
  readonly posterMaker: PosterMaker;
  readonly player: Player;
  readonly prompting: Prompting;
  readonly tracking: Tracking;
  readonly concepts: Concepts;
  readonly objects: Objects;
  readonly sound: Sound;
  readonly comparing: Comparing;
  readonly preview: Preview;
  /** The brush of the keyboard. */
  readonly pen: Pen;
  readonly exporting: Exporting;
  readonly identity: Identity;
  readonly reviewing: Reviewing;
  /** The viewport that is mounted, for commands that zoom and fit. */
  readonly viewport: Mounted<Viewport>;
  /** The timeline that is mounted. */
  readonly timeline: Mounted<Timeline>;
  changeSettings(change: Partial<Settings>): void;
}

export function createStudio(host: Host): Studio {
  const store = new Store(initialState(readSettings(localStorage, navigator.languages)));
  const notices = new Notices(store);
  const desk: Desk = {
    store,
    notices,
    host,
    client: () => link.client,
    media: () => sessions.media,
  };
  const sound = new Sound(desk);
  const library = new Library(desk);
  const prompting = new Prompting(desk);
  const settled = (sessionId: string) => prompting.settled(sessionId);
  const tracking = new Tracking(desk, settled);
  const sessions = new Sessions(desk, library, () => tracking.follow(), settled);
  const queue = new Queue(desk, library, (sessionPath) => {
    const { session, job } = store.value;
    if (session?.state.sessionPath === sessionPath && job === null) void tracking.follow();
  });
  const machine = new Machine(desk);
  const arrive = arrivals(desk, sessions, library, queue, machine);
  const link: EngineLink = new EngineLink(host.openLine, (connection) => {
    const before = store.value.connection;
    store.patch({ connection, ...(connection === 'lost' ? { job: null, answering: false } : { lostReason: null }) });
    if (connection === 'open') void arrive(before);
  });
  new RunOutlooks(desk);
  const player = new Player(desk, sound);
  const viewport = new Mounted<Viewport>();
  return {
    store,
    host,
    notices,
    sessions,
    library,
    queue,
    machine,
    posterMaker: new PosterMaker(() => link.client),
    player,
    prompting,
    tracking,
    concepts: new Concepts(desk),
    objects: new Objects(desk),
    sound,
    comparing: new Comparing(desk),
    preview: new Preview(desk),
    pen: new Pen(
      desk,
      () => viewport.current,
      (objectId, frameIndex, mask) => prompting.addMask(objectId, frameIndex, mask),
    ),
    exporting: new Exporting(desk),
    identity: new Identity(desk),
    reviewing: new Reviewing(desk, player),
    viewport,
    timeline: new Mounted<Timeline>(),
    changeSettings: (change) => {
      const settings = { ...store.value.settings, ...change };
      store.patch({ settings });
      const { session } = store.value;
      if (session !== null && change.language !== undefined) applyState(desk, session.sessionId, session.state);
      writeSettings(localStorage, settings);
    },
  };
}

/** What happens when the line opens: the first time the address may name a session; later the desk is restored. */
function arrivals(desk: Desk, sessions: Sessions, library: Library, queue: Queue, machine: Machine) {
  return async (before: ConnectionState): Promise<void> => {
    void queue.follow();
    await desk.notices.guard(async () => {
      if (before === 'lost') {
        await sessions.reconnect();
        if (desk.store.value.session === null) await library.refresh();
        return;
      }
      const about = await desk.host.about();
      desk.store.patch({ about });
      const named = pathInAddress(location.hash, 'session');
      const wanted = about.kind === 'desktop' ? about.openPath : pathInAddress(location.hash, 'open');
      if (wanted !== null) await sessions.openPath(wanted);
      else if (named !== null) await sessions.open({ videoPath: null, sessionPath: named });
      await library.refresh();
      await machine.examine();
    });
  };
}
