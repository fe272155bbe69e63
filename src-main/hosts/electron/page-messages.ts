import { type BrowserWindow, dialog, type IpcMain, type IpcMainEvent, type IpcMainInvokeEvent } from 'electron';
import { z } from 'zod';
import type { DesktopAbout } from '../../../src-shared/contract/desktop-bridge.ts';
import {
  folderWishSchema,
  type PageReport,
  type PathWish,
  pageReportSchema,
  pathWishSchema,
} from '../../../src-shared/contract/desktop-messages.ts';
import { listFolder, VIDEO_ENDINGS } from '../server/list-folder.ts';
import { isPage } from './lock-down.ts';
import type { Refusals } from './refusals.ts';

export const CHANNELS = {
  about: 'masklet:about',
  requestLine: 'masklet:request-line',
  choosePath: 'masklet:choose-path',
  listFolder: 'masklet:list-folder',
  report: 'masklet:report',
} as const;

export interface PageMessageParts {
  readonly windowOf: (webContentsId: number) => BrowserWindow | null;
  readonly about: (window: BrowserWindow) => DesktopAbout;
  readonly requestLine: (window: BrowserWindow) => Promise<void>;
  readonly onReport: (window: BrowserWindow, report: PageReport) => void;
  readonly refusals: Refusals;
}

/** Answers what the preload asks. Sender and input are checked on every message; what does not fit is refused and written down. */
export function answerPages(ipc: IpcMain, parts: PageMessageParts): void {
  const answer = <T>(channel: string, schema: z.ZodType<T>, work: (window: BrowserWindow, input: T) => unknown): void =>
    ipc.handle(channel, async (event, input, ...rest) => {
      const known = admit(channel, event, rest.length === 0 ? schema.safeParse(input) : null, parts);
      if (known === null) throw new Error('The message was refused.');
      return work(known.window, known.input);
    });
  answer(CHANNELS.about, z.undefined(), (window) => parts.about(window));
  answer(CHANNELS.requestLine, z.undefined(), (window) => parts.requestLine(window));
  answer(CHANNELS.listFolder, folderWishSchema, (_window, path) => listFolder(path));
  answer(CHANNELS.choosePath, pathWishSchema, choosePath);
  ipc.on(CHANNELS.report, (event, input, ...rest) => {
    const known = admit(CHANNELS.report, event, rest.length === 0 ? pageReportSchema.safeParse(input) : null, parts);
    if (known !== null) parts.onReport(known.window, known.input);
  });
}

/** The window and the checked input; null unless the top frame of one of our windows, showing our page, sent exactly what was agreed. */
function admit<T>(
  channel: string,
  { sender, senderFrame }: IpcMainEvent | IpcMainInvokeEvent,
  parsed: z.ZodSafeParseResult<T> | null,
  { windowOf, refusals }: PageMessageParts,
): { readonly window: BrowserWindow; readonly input: T } | null {
  const window = windowOf(sender.id);
  const ours = window !== null && senderFrame !== null && senderFrame.parent === null && isPage(senderFrame.url);
  if (ours && parsed?.success === true) return { window, input: parsed.data };
  refusals.add('message', `${channel} from ${senderFrame?.url ?? 'nobody'}`);
  return null;
}

const MEDIA = { name: 'Masklet Studio', extensions: [...VIDEO_ENDINGS, 'masklet'] };

async function choosePath(window: BrowserWindow, { kind, title, start }: PathWish): Promise<string | null> {
  const where = { title, ...(start === null ? {} : { defaultPath: start }) };
  const { filePaths } = await dialog.showOpenDialog(
    window,
    kind === 'media'
      ? { ...where, properties: ['openFile'], filters: [MEDIA, { name: '*', extensions: ['*'] }] }
      : { ...where, properties: kind === 'output-folder' ? ['openDirectory', 'createDirectory'] : ['openDirectory'] },
  );
  return filePaths[0] ?? null;
}
