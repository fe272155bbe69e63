import { isOffered } from '../../commands/command.ts';
import { commands } from '../../commands/commands.ts';
import { keysOf } from '../../commands/keymap.ts';
import { sessionName } from '../../state/library.ts';
import type { Studio } from '../../state/studio.ts';
import type { StudioState } from '../../state/studio-state.ts';
import { createTranslate, languages, type Translate } from '../../ui/i18n/messages.ts';

/** Something the palette offers. */
export interface PaletteEntry {
  readonly id: string;
  readonly title: string;
  readonly detail: string;
  /** Lower case, in every language, so that it is found by whatever name a person knows. */
  readonly searched: string;
  readonly key: string | null;
  readonly colour: string | null;
  readonly run: (studio: Studio) => void | Promise<void>;
}

const translators = languages.map((language) => createTranslate(language));

/** Commands that can be used now, then the objects of the session, then the sessions of the library. */
export function paletteEntries(state: StudioState, t: Translate): readonly PaletteEntry[] {
  return [...commandEntries(state, t), ...objectEntries(state, t), ...sessionEntries(state, t)];
}

function commandEntries(state: StudioState, t: Translate): PaletteEntry[] {
  return commands
    .filter((command) => command.id !== 'palette' && !/^object-\d/.test(command.id) && isOffered(command, state))
    .map((command) => ({
      id: command.id,
      title: t(command.title, { number: '' }),
      detail: t(`group.${command.group}`),
      searched: translators
        .map((each) => each(command.title, { number: '' }))
        .join('\n')
        .toLowerCase(),
      key: keysOf(command, state.settings)[0] ?? null,
      colour: null,
      run: command.run,
    }));
}

function objectEntries({ session }: StudioState, t: Translate): PaletteEntry[] {
  return (session?.state.objects ?? []).map(({ objectId, name, colour }, index) => ({
    id: `select-${objectId}`,
    title: name,
    detail: t('palette.object'),
    searched: `${name}\n${objectId}`.toLowerCase(),
    key: index < 10 ? String((index + 1) % 10) : null,
    colour,
    run: ({ store }) => store.patch({ selectedObject: objectId, selectedPrompt: null }),
  }));
}

function sessionEntries({ sessions, session }: StudioState, t: Translate): PaletteEntry[] {
  return (sessions ?? [])
    .filter(
      ({ state, sessionPath, videoMissing }) =>
        state !== 'unreadable' && !videoMissing && sessionPath !== session?.state.sessionPath,
    )
    .map(({ sessionPath, words }) => ({
      id: `open-${sessionPath}`,
      title: sessionName(sessionPath),
      detail: t('palette.session'),
      searched: [sessionName(sessionPath), ...words].join('\n').toLowerCase(),
      key: null,
      colour: null,
      run: ({ sessions: controller }) => controller.open({ videoPath: null, sessionPath }),
    }));
}

/** Every word typed occurs in what the entry is searched by. */
export function fits(wanted: string, { searched }: PaletteEntry): boolean {
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => searched.includes(word));
}
