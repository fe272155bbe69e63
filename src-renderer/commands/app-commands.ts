import { isBusy } from '../state/edit-rules.ts';
import { type PanelName, switched } from '../state/panels.ts';
import type { Studio } from '../state/studio.ts';
import type { DialogName, OverlayMode, TrackScope } from '../state/studio-state.ts';
import { MOST_PLAIN_LANES } from '../timeline/timeline-layout.ts';
import { createTranslate } from '../ui/i18n/messages.ts';
import { both, type Command, hasObject, hasSession, isIdle } from './command.ts';

const OVERLAYS: readonly OverlayMode[] = ['fill', 'outline', 'matte', 'off'];
const ZOOM_STEP = 1.25;
const TIMELINE_STEP = 1.6;

/** A window asks with the system's own dialog; a browser shows the folders of the machine the engine runs on. */
async function openSomething({ host, sessions, store }: Studio): Promise<void> {
  const { settings } = store.value;
  if (host.desktop === null) {
    store.patch({ dialog: 'open' });
    return;
  }
  const start = settings.recent[0]?.replace(/[\\/][^\\/]*$/, '') ?? null;
  const title = createTranslate(settings.language)('open.title');
  const path = await host.desktop.choosePath({ kind: 'media', title, start });
  if (path !== null) await sessions.openPath(path);
}

const track = (scope: TrackScope, keys: Command['keys'], title: Command['title']): Command => ({
  id: `track-${scope}`,
  group: 'track',
  edits: true,
  title,
  keys,
  // The first click may be on its way still.
  when: (state) => isIdle(state) && ((state.session?.state.prompts.length ?? 0) > 0 || state.comingObjects.length > 0),
  run: ({ tracking }) => tracking.start(scope),
});

const dialog = (
  name: DialogName,
  title: Command['title'],
  keys: readonly string[],
  when: Command['when'],
): Command => ({
  id: name,
  group: 'app',
  title,
  keys: both(...keys),
  when,
  run: ({ store }) => store.patch({ dialog: name }),
});

/** Whether a panel is seen depends on the room, which only the page's style knows. */
const panel = (name: PanelName, key: string, title: Command['title']): Command => ({
  id: `toggle-${name}`,
  group: 'view',
  title,
  keys: both(key),
  when: hasSession,
  run: ({ store }) => {
    const isSeen = document.querySelector(`[data-panel="${name}"]`)?.checkVisibility() === true;
    store.patch({ panels: switched(store.value.panels, name, isSeen) });
  },
});

export const appCommands: readonly Command[] = [
  track('backward', { editor: ['d'], annotator: ['Shift+g'] }, 'command.trackBackward'),
  track('back-one', both('Shift+d'), 'command.trackBackOne'),
  track('forward-one', both('Shift+f'), 'command.trackForwardOne'),
  track('forward', both('f'), 'command.trackForward'),
  track('both', both('g'), 'command.trackBoth'),
  {
    id: 'pause-track',
    group: 'track',
    edits: true,
    title: 'command.pauseTrack',
    keys: both('Mod+.'),
    when: ({ job }) => job !== null && job.state !== 'stopping',
    run: ({ tracking }) => tracking.pause(),
  },
  {
    id: 'cancel-track',
    group: 'track',
    edits: true,
    title: 'command.cancelTrack',
    keys: both('Mod+Shift+.'),
    when: ({ job }) => job !== null && job.state !== 'stopping',
    run: ({ tracking }) => tracking.cancel(),
  },
  {
    id: 'resume-track',
    group: 'track',
    edits: true,
    title: 'command.resumeTrack',
    keys: both('Mod+g'),
    when: (state) => state.paused !== null && !isBusy(state),
    run: ({ tracking }) => tracking.resume(),
  },
  {
    id: 'cycle-overlay',
    group: 'view',
    title: 'command.cycleOverlay',
    keys: both('v'),
    when: hasSession,
    run: ({ store }) => {
      const next = (OVERLAYS.indexOf(store.value.overlay) + 1) % OVERLAYS.length;
      store.patch({ overlay: OVERLAYS[next] });
    },
  },
  panel('rail', 'Alt+b', 'command.toggleRail'),
  panel('details', 'Alt+i', 'command.toggleDetails'),
  {
    id: 'zoom-object',
    group: 'view',
    title: 'command.zoomObject',
    keys: both('z'),
    when: hasSession,
    run: ({ viewport, store }) => {
      const { selectedObject } = store.value;
      if (selectedObject !== null && viewport.current?.zoomTo(selectedObject) === true) return;
      store.patch({ follow: false });
      viewport.current?.fit();
    },
  },
  {
    id: 'fit',
    group: 'view',
    title: 'command.fit',
    keys: both('\\'),
    when: hasSession,
    run: ({ viewport, store }) => {
      store.patch({ follow: false });
      viewport.current?.fit();
    },
  },
  {
    id: 'follow-object',
    group: 'view',
    title: 'command.followObject',
    keys: both('Alt+z'),
    when: hasObject,
    run: ({ store }) => store.patch({ follow: !store.value.follow }),
  },
  {
    id: 'zoom-in',
    group: 'view',
    title: 'command.zoomIn',
    keys: both('+', '='),
    when: hasSession,
    run: ({ viewport }) => viewport.current?.zoom(ZOOM_STEP),
  },
  {
    id: 'zoom-out',
    group: 'view',
    title: 'command.zoomOut',
    keys: both('-'),
    when: hasSession,
    run: ({ viewport }) => viewport.current?.zoom(1 / ZOOM_STEP),
  },
  {
    id: 'timeline-zoom-in',
    group: 'view',
    title: 'command.timelineZoomIn',
    keys: both('Shift+ArrowUp'),
    when: hasSession,
    run: ({ timeline }) => timeline.current?.zoom(TIMELINE_STEP),
  },
  {
    id: 'timeline-zoom-out',
    group: 'view',
    title: 'command.timelineZoomOut',
    keys: both('Shift+ArrowDown'),
    when: hasSession,
    run: ({ timeline }) => timeline.current?.zoom(1 / TIMELINE_STEP),
  },
  {
    id: 'timeline-fit',
    group: 'view',
    title: 'command.timelineFit',
    keys: both('Shift+z'),
    when: hasSession,
    run: ({ timeline }) => timeline.current?.fit(),
  },
  {
    id: 'ruler',
    group: 'view',
    title: 'command.ruler',
    keys: both('Alt+t'),
    when: hasSession,
    run: ({ store, changeSettings }) =>
      changeSettings({ ruler: store.value.settings.ruler === 'frames' ? 'time' : 'frames' }),
  },
  {
    id: 'unfold-lanes',
    group: 'view',
    title: 'command.unfoldLanes',
    keys: both('Alt+o'),
    when: ({ session }) => (session?.state.objects.length ?? 0) > MOST_PLAIN_LANES,
    run: ({ store }) => store.patch({ lanesUnfolded: !store.value.lanesUnfolded }),
  },
  {
    id: 'open',
    group: 'app',
    title: 'command.open',
    keys: both('Mod+o'),
    when: () => true,
    run: openSomething,
  },
  dialog('export', 'command.export', ['Mod+e'], (state) => hasSession(state) && state.job === null),
  dialog('settings', 'command.settings', ['Mod+,'], () => true),
  dialog('shortcuts', 'command.shortcuts', ['?'], () => true),
  dialog('palette', 'command.palette', ['Mod+k'], () => true),
  dialog('trash', 'command.trash', [], () => true),
  {
    id: 'hints',
    group: 'app',
    title: 'command.hints',
    keys: both(),
    when: ({ settings }) => settings.coachDone,
    run: ({ changeSettings }) => changeSettings({ coachDone: false }),
  },
  {
    id: 'home',
    group: 'app',
    title: 'command.home',
    keys: both('Mod+Shift+h'),
    when: hasSession,
    run: ({ sessions }) => sessions.close(),
  },
  {
    id: 'theme',
    group: 'app',
    title: 'command.theme',
    keys: both(),
    when: () => true,
    run: ({ store, changeSettings }) =>
      changeSettings({ theme: store.value.settings.theme === 'light' ? 'dark' : 'light' }),
  },
  {
    id: 'language',
    group: 'app',
    title: 'command.language',
    keys: both(),
    when: () => true,
    run: ({ store, changeSettings }) =>
      changeSettings({ language: store.value.settings.language === 'en' ? 'zh-CN' : 'en' }),
  },
];
