/** What the page asks of whoever shows it, besides the contract: the browser host asks the server, a window asks its preload. */
export interface Host {
  about(): Promise<HostAbout>;
  /** Address of one exact frame. */
  frameUrl(sessionId: string, frameIndex: number, size: 'full' | 'thumbnail'): string;
  listFolder(path: string | null): Promise<FolderListing>;
  /** Path under which the engine can read a dropped file. */
  pathOfFile(file: File, onProgress: (share: number) => void): Promise<string>;
}

export interface HostAbout {
  readonly kind: 'browser' | 'desktop';
  /** Our own clip; null when it is not installed. */
  readonly samplePath: string | null;
}

export interface FolderEntry {
  readonly name: string;
  readonly path: string;
  readonly kind: 'folder' | 'video' | 'session';
  readonly sizeBytes: number;
  readonly changedAtMillis: number;
}

export interface FolderListing {
  readonly folder: string;
  readonly parent: string | null;
  readonly entries: readonly FolderEntry[];
}
