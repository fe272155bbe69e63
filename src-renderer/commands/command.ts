import { isBusy, isViewer } from '../state/edit-rules.ts';
import type { Studio } from '../state/studio.ts';
import type { Settings, StudioState } from '../state/studio-state.ts';
import type { MessageKey } from '../ui/i18n/messages.ts';

export type CommandGroup =
  | 'play'
  | 'mark'
  | 'objects'
  | 'identity'
  | 'review'
  | 'prompt'
  | 'pointer'
  | 'track'
  | 'view'
  | 'app';
type Preset = Settings['preset'];

/**
 * Something a person can do. Menus, the palette, the shortcut sheet, tooltips and the keyboard all read this one list. A key is
 * `Mod+Shift+Alt+key` in that order; `key` as the browser names it, letters in lower case, `Mod` is Ctrl or Command.
 */
export interface Command {
  readonly id: string;
  readonly group: CommandGroup;
  readonly title: MessageKey;
  readonly keys: Readonly<Record<Preset, readonly string[]>>;
  /** It changes the session, so only its editor is offered it. */
  readonly edits?: true;
  /** Offered only when this holds. */
  readonly when: (state: StudioState) => boolean;
  readonly run: (studio: Studio) => void | Promise<void>;
  /** It takes its keys only while a tool is in hand, and shares them with other commands. */
  readonly modal?: true;
}

export const isModal = ({ group, modal }: Command): boolean => group === 'pointer' || modal === true;

/** The same keys in both presets. */
export const both = (...keys: readonly string[]): Command['keys'] => ({ editor: keys, annotator: keys });

export const hasSession = (state: StudioState): boolean => state.session !== null;
export const hasObject = (state: StudioState): boolean => state.session !== null && state.selectedObject !== null;
export const isIdle = (state: StudioState): boolean => state.session !== null && !isBusy(state);

/** Whether a command can be used now. */
export function isOffered(command: Command, state: StudioState): boolean {
  return command.when(state) && !(command.edits === true && isViewer(state));
}
