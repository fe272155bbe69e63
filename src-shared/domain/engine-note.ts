/** What the engine has to say besides its results: by code and values, so that a page can say it in its own language. */
export interface EngineNote {
  readonly code: NoteCode;
  readonly values: Values;
  /** One English sentence. */
  readonly text: string;
}

type Value = string | number;
type Values = Readonly<Record<string, Value>>;
type Of<Names extends string> = Readonly<Record<Names, Value>>;

const SENTENCES = {
  'absent-untracked': () => 'Absent and not tracked look the same.',
  'adapter-chosen': ({ device, index }: Of<'device' | 'index'>) =>
    `The device "${device}" chooses its adapter itself; the number ${index} was not used.`,
  'background-partly': ({ frames }: Of<'frames'>) =>
    `On ${counted(frames, 'frame')} not every object was tracked; what is not, counts as background there.`,
  'boxes-only': () => 'Only boxes are kept, no masks.',
  'classes-lost': () => 'Classes, names and scores are lost.',
  'cpu-runs': () => 'The CPU runs this pack.',
  'cvat-no-tracks': () =>
    'CVAT has no tracks of masks: each mask becomes a shape of its own there, in no group; only Masklet Studio reads which object it is.',
  'data-left-out': ({ tracks }: Of<'tracks'>) =>
    `The copy holds picture and sound; left out of it: ${counted(tracks, 'data track')} of the source.`,
  'device-left': ({ device, reason }: Of<'device' | 'reason'>) =>
    `The device "${device}" was tried and left: ${reason}.`,
  'even-sides': ({ width, height }: Of<'width' | 'height'>) =>
    `Video with 4:2:0 colour needs even sides, so the picture has one more column or row: ${width}x${height}.`,
  'file-an-object': ({ names }: Of<'names'>) => `One file an object: ${names}.`,
  'found-replaced': ({ names }: Of<'names'>) =>
    `Replaced what was found before, also on frames that this run does not search; track those too to find it there: ${names}.`,
  'frames-unreviewed': ({ frames }: Of<'frames'>) =>
    `Left out, because not reviewed completely: ${counted(frames, 'frame')}.`,
  'frames-untracked': ({ frames }: Of<'frames'>) => `Left out, because not tracked: ${counted(frames, 'frame')}.`,
  'graph-unknown': ({ role }: Of<'role'>) =>
    `The graph "${role}" of the pack is not one this version knows; it is not used.`,
  'hash-missing': ({ file }: Of<'file'>) => `pack.json gives no SHA-256 for ${file}, so a change in it goes unnoticed.`,
  'holes-filled': ({ format, holes, masks }: Of<'format' | 'holes' | 'masks'>) =>
    `${format} polygons cannot hold holes, so they are filled: ${counted(holes, 'hole')} of ${counted(masks, 'mask')}.`,
  'identities-lost': () => 'YOLO labels have no identities: which object is which from frame to frame is lost.',
  'left-locked': ({ names }: Of<'names'>) => `Left as they are, because they are locked: ${names}.`,
  'left-outside': ({ names }: Of<'names'>) => `Left out, because their prompts lie outside the range: ${names}.`,
  'masks-hidden': ({ masks }: Of<'masks'>) =>
    `Left out, because another mask covers them completely: ${counted(masks, 'mask')}.`,
  'masks-joined': ({ masks }: Of<'masks'>) =>
    `Masks in several parts become one outline whose parts are joined by lines: ${counted(masks, 'mask')}.`,
  'masks-unreviewed': ({ masks }: Of<'masks'>) =>
    `Left out, because nobody has reviewed them: ${counted(masks, 'mask')}.`,
  'measurements-only': () => 'Measurements only: the masks themselves are not in the table.',
  'names-lost': () => 'Names and scores are lost; labels.txt lists the classes.',
  'nothing-to-validate': () =>
    'Without a validation part there is nothing to validate on; 20 % (--val 0.2) keeps the last fifth for that.',
  'object-unseen': ({ objectId }: Of<'objectId'>) =>
    `Object ${objectId} is on no frame of the range, so it has no clip.`,
  'outlines-move': ({ pixels }: Of<'pixels'>) =>
    `Outlines may move by up to ${counted(pixels, 'pixel')}; tolerance 0 keeps them exact.`,
  'overlap-score': ({ pixels, frames }: Of<'pixels' | 'frames'>) =>
    `Overlapping pixels go to the better score: ${counted(pixels, 'pixel')} on ${counted(frames, 'frame')}.`,
  'overlap-topmost': ({ pixels, frames }: Of<'pixels' | 'frames'>) =>
    `Overlapping pixels go to the object with the higher number: ${counted(pixels, 'pixel')} on ${counted(frames, 'frame')}.`,
  'phrase-has-objects': ({ phrase }: Of<'phrase'>) =>
    `What looks like "${phrase}" is among the objects already; nothing was added.`,
  'phrase-not-found': ({ phrase, packId }: Of<'phrase' | 'packId'>) =>
    `Nothing that looks like "${phrase}" was found (${packId}).`,
  'pictures-no-classes': () =>
    'Classes, names and scores are not in pictures; provenance.json lists objects and classes.',
  'pictures-no-names': () => 'Names and scores are not in pictures; provenance.json lists objects.',
  'pictures-no-sound': () => 'Pictures have no sound; their times are in frames.csv.',
  'redaction-absent': ({ times }: Of<'times'>) =>
    `${counted(times, 'time')} an object was not there by the tracker's word, and nothing was covered: check these frames.`,
  'redaction-covered': ({ objects, frames }: Of<'objects' | 'frames'>) =>
    `Redaction covered ${counted(objects, 'object')} on ${counted(frames, 'frame')}.`,
  'redaction-held': ({ times }: Of<'times'>) =>
    `${counted(times, 'time')} an object had no mask and was covered where it was just before and after.`,
  'redaction-report': ({ path }: Of<'path'>) => `Report: ${path}`,
  'redaction-uncertain': ({ times }: Of<'times'>) =>
    `${counted(times, 'time')} a mask was uncertain and more than it was covered.`,
  'redaction-whole': ({ frames }: Of<'frames'>) =>
    `${counted(frames, 'frame')} ${frames === 1 ? 'is' : 'are'} covered whole, because an object was not tracked or a phrase not looked for there: track them, or choose the objects, then render again.`,
  'scores-lost': () => 'Scores are lost.',
  'searched-anew': ({ names }: Of<'names'>) =>
    `Also searched where it was found before, so that nothing found there is lost: ${names}.`,
  'single-frames': () =>
    'SAM 3 trains on single frames: which mask is which object from frame to frame is kept as track_id but not used.',
  'sound-recoded': ({ container, codec, stream }: Of<'container' | 'codec' | 'stream'>) =>
    `${container} does not take ${codec} sound (stream ${stream}); it was re-encoded to AAC.`,
  'sound-unknown': ({ stream }: Of<'stream'>) =>
    `Stream ${stream} is sound that this ffmpeg cannot read; it was left out.`,
  'sound-unreadable': ({ stream, codec }: Of<'stream' | 'codec'>) =>
    `Stream ${stream} is sound that this ffmpeg cannot read (${codec}); it was left out.`,
  'starts-before-zero': ({ time }: Of<'time'>) =>
    `The source starts ${time} before time 0, which MP4 cannot hold; picture and sound were moved together to start at 0.`,
  'subtitles-left-out': ({ tracks }: Of<'tracks'>) =>
    `The copy holds picture and sound; left out of it: ${counted(tracks, 'subtitle track')} of the source.`,
} as const;

type Sentences = typeof SENTENCES;
export type NoteCode = keyof Sentences;
/** Codes of notes without values. */
export type PlainNote = { [Code in NoteCode]: Parameters<Sentences[Code]> extends [] ? Code : never }[NoteCode];

export const noteCodes = Object.keys(SENTENCES) as readonly NoteCode[];

export function engineNote<Code extends NoteCode>(code: Code, ...named: Parameters<Sentences[Code]>): EngineNote {
  const [values = {}] = named as readonly [Values?];
  return { code, values, text: (SENTENCES[code] as (values: Values) => string)(values) };
}

function counted(count: Value, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
