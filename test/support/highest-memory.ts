import { readFileSync } from 'node:fs';

/** The most memory a running process has had (VmHWM), KiB; null when it is gone. Linux only. */
export function highestMemory(pid: number | undefined): number | null {
  try {
    const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return match === null ? null : Number(match[1]);
  } catch {
    return null;
  }
}
