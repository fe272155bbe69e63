/** What a tool says about itself on the first lines of `-version`. */
export interface ToolVersion {
  /** As printed, for example `5.1.9-0+deb12u1` or `N-47683-g0e8eb07980-static`. */
  readonly text: string;
  /** null for builds from git, which print no release number. */
  readonly major: number | null;
  readonly minor: number;
  /** Last copyright year: the only date a git build gives away. */
  readonly year: number | null;
}

/** Reads the output of `ffmpeg -version` or `ffprobe -version`; null when it is neither. */
export function parseToolVersion(output: string): ToolVersion | null {
  const head = /^ff(?:mpeg|probe) version (\S+)/m.exec(output);
  if (head === null) return null;
  const text = head[1]!;
  const release = /^n?(\d{1,2})\.(\d+)/.exec(text);
  const year = /Copyright \(c\) \d{4}-(\d{4})/.exec(output);
  return {
    text,
    major: release === null ? null : Number(release[1]),
    minor: release === null ? 0 : Number(release[2]),
    year: year === null ? null : Number(year[1]),
  };
}

/**
 * Arguments that hand every frame through with its own timestamp. `-fps_mode` came with 5.1 and `-vsync` was deprecated then
 * and is gone from recent builds; git builds are told apart by their year.
 */
export function passthroughArguments(version: ToolVersion): readonly string[] {
  const modern =
    version.major === null
      ? (version.year ?? 0) >= 2023
      : version.major > 5 || (version.major === 5 && version.minor >= 1);
  return modern ? ['-fps_mode', 'passthrough'] : ['-vsync', 'passthrough'];
}
