import type { DesktopAbout, HostEvent } from '../../src-shared/contract/desktop-bridge.ts';
import type { PageReport, PathWish } from '../../src-shared/contract/desktop-messages.ts';
import type { StudioContract } from '../../src-shared/contract/studio-contract.ts';
import type { FolderListing } from '../../src-shared/domain/folder-listing.ts';
import type { Client } from '../../src-shared/rpc/contract-types.ts';
import type { Transport } from '../../src-shared/rpc/wire.ts';

/** What the page asks of whoever shows it, besides the contract: the browser host asks the server, a window asks its preload. */
export interface Host {
  about(): Promise<HostAbout>;
  /** A new line to the engine; messages posted before it is open wait. It is down for good once `onClose` was called. */
  openLine(onOpen: () => void, onClose: () => void): Transport;
  /** One exact frame, compressed, as `frame` of the contract gives it; `signal` frees its decode. */
  loadFrame(client: Client<StudioContract>, wish: FrameWish, signal: AbortSignal): Promise<LoadedFrame>;
  listFolder(path: string | null): Promise<FolderListing>;
  /** Path under which the engine can read a dropped file; `signal` ends the sending of its bytes. */
  pathOfFile(file: File, onProgress: (share: number) => void, signal: AbortSignal): Promise<string>;
  /** What only a window of the desktop has; null in a browser. */
  readonly desktop: DesktopWindow | null;
}

/** Native dialogs, and the window's menu, taskbar and notifications, which follow the page. */
export interface DesktopWindow {
  choosePath(wish: PathWish): Promise<string | null>;
  report(report: PageReport): void;
  onEvent(listener: (event: HostEvent) => void): void;
}

export interface FrameWish {
  readonly sessionId: string;
  readonly frameIndex: number;
  /** `proxy`: smaller than a large video, for playing. */
  readonly size: 'full' | 'proxy' | 'thumbnail';
}

export interface LoadedFrame {
  readonly frameIndex: number;
  readonly picture: Blob;
}

export interface BrowserAbout {
  readonly kind: 'browser';
  /** Our own clip; null when it is not installed. */
  readonly samplePath: string | null;
}

export type HostAbout = BrowserAbout | DesktopAbout;
