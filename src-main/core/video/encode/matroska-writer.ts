/** One raw video track to describe. */
export interface RawTrack {
  readonly width: number;
  readonly height: number;
  /** 4:2:0 with a plane of alpha behind U and V. */
  readonly alpha: boolean;
  /** Nanoseconds of an average frame: only a hint for rate control. */
  readonly defaultDurationNanos: number;
}

/**
 * A Matroska stream of raw planar pictures, the smallest that ffmpeg reads: raw video on a pipe has no timestamps, Matroska with
 * a timestamp scale of 1 ns has. Ids from RFC 9559.
 */
const ID = {
  ebml: 0x1a45dfa3,
  docType: 0x4282,
  docTypeVersion: 0x4287,
  docTypeReadVersion: 0x4285,
  segment: 0x18538067,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackUid: 0x73c5,
  trackType: 0x83,
  codecId: 0x86,
  defaultDuration: 0x23e383,
  video: 0xe0,
  pixelWidth: 0xb0,
  pixelHeight: 0xba,
  colourSpace: 0x2eb524,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
} as const;

/** Everything before the first frame. */
export function matroskaHeader(track: RawTrack): Buffer {
  const video = element(ID.video, [
    element(ID.pixelWidth, [unsigned(track.width)]),
    element(ID.pixelHeight, [unsigned(track.height)]),
    element(ID.colourSpace, [Buffer.from(track.alpha ? 'Y4\x0b\x08' : 'I420', 'latin1')]),
  ]);
  const entry = element(ID.trackEntry, [
    element(ID.trackNumber, [unsigned(1)]),
    element(ID.trackUid, [unsigned(1)]),
    element(ID.trackType, [unsigned(1)]),
    element(ID.defaultDuration, [unsigned(track.defaultDurationNanos)]),
    element(ID.codecId, [Buffer.from('V_UNCOMPRESSED', 'latin1')]),
    video,
  ]);
  const ebml = element(ID.ebml, [
    element(ID.docType, [Buffer.from('matroska', 'latin1')]),
    element(ID.docTypeVersion, [unsigned(4)]),
    element(ID.docTypeReadVersion, [unsigned(2)]),
  ]);
  // The segment's size is unknown: it ends with the pipe.
  const segment = Buffer.concat([idBytes(ID.segment), Buffer.from([0x01, 255, 255, 255, 255, 255, 255, 255])]);
  const info = element(ID.info, [element(ID.timestampScale, [unsigned(1)])]);
  return Buffer.concat([ebml, segment, info, element(ID.tracks, [entry])]);
}

/** What stands before the bytes of one frame: a cluster of its own with the frame's time in nanoseconds, not negative. */
export function matroskaFrameHeader(timeNanos: bigint, frameBytes: number): Buffer {
  const time = element(ID.timestamp, [unsigned(timeNanos)]);
  const blockHead = Buffer.from([0x81, 0, 0, 0x80]);
  const block = Buffer.concat([idBytes(ID.simpleBlock), sizeBytes(blockHead.length + frameBytes), blockHead]);
  const clusterBytes = time.length + block.length + frameBytes;
  return Buffer.concat([idBytes(ID.cluster), sizeBytes(clusterBytes), time, block]);
}

/** Ticks to nanoseconds, rounded to nearest; exact integers throughout. */
export function nanosFromTicks(ticks: number, numerator: number, denominator: number): bigint {
  const scaled = BigInt(ticks) * BigInt(numerator) * 1_000_000_000n;
  const divisor = BigInt(denominator);
  return (scaled * 2n + divisor) / (divisor * 2n);
}

function element(id: number, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([idBytes(id), sizeBytes(body.length), body]);
}

function idBytes(id: number): Buffer {
  return unsigned(id);
}

/** An 8-byte size: longer than needed, never wrong. */
function sizeBytes(size: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(size) | (1n << 56n));
  return bytes;
}

function unsigned(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  const first = bytes.findIndex((byte) => byte !== 0);
  return bytes.subarray(first === -1 ? 7 : first);
}
