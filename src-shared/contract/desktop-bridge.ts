import type { FolderListing } from '../domain/folder-listing.ts';
import type { PageReport, PathWish } from './desktop-messages.ts';

export interface DesktopAbout {
  readonly kind: 'desktop';
  readonly samplePath: string | null;
  /** What this window was opened for; told once. */
  readonly openPath: string | null;
  readonly versions: Readonly<Record<'app' | 'electron' | 'chrome' | 'node', string>>;
  /** Started with `--offline`: every request to the network is blocked. */
  readonly offline: boolean;
  readonly blockedRequests: number;
}

/** Said by the host. */
export type HostEvent =
  | { readonly kind: 'command'; readonly id: string }
  | { readonly kind: 'open'; readonly path: string }
  /** The engine is gone; `retryMillis` until it is started again. */
  | { readonly kind: 'engine-stopped'; readonly reason: string; readonly retryMillis: number };

/** The one object that a window's preload gives to the page. */
export interface DesktopBridge {
  about(): Promise<DesktopAbout>;
  /** Asks for a line to the engine: it arrives as a window message `ENGINE_LINE` with one port, once the engine runs. */
  requestLine(): Promise<void>;
  choosePath(wish: PathWish): Promise<string | null>;
  listFolder(path: string | null): Promise<FolderListing>;
  /** Path of a file that a person dropped or picked. */
  pathOfFile(file: File): string;
  report(report: PageReport): void;
  onEvent(listener: (event: HostEvent) => void): void;
}

export const BRIDGE_NAME = 'maskletDesktop';
/** `data` of the window message that carries the port. */
export const ENGINE_LINE = 'masklet:engine-line';
