import type { HdrTransfer } from '../../../src-shared/domain/video-info.ts';
import type { StillFormat } from './still-format.ts';

/** How stored samples become colour. One rule for model, view and export; see `colour/colour-path.ts`. */
export interface SourceColour {
  /** `rgb`: the file stores RGB (or a palette), so no matrix applies. */
  readonly matrix: 'bt601' | 'bt709' | 'bt2020' | 'rgb';
  readonly fullRange: boolean;
  readonly hdr: HdrTransfer | null;
}

/** Colour words of the container, as ffmpeg spells them; null when untagged. */
export interface ColourTags {
  readonly space: string | null;
  readonly primaries: string | null;
  readonly transfer: string | null;
}

/** Where decoding may start: at key frames; well before them (transport streams seek by byte); or only at the first frame. */
export type SeekMode = 'key-frame' | 'early' | 'start';

/** Everything that a decode of a source needs besides its path and its table; plain data, cached with the table. */
export interface DecodePlan {
  readonly media: /** `still`: a single picture and how it is read; plans cached by earlier versions lack it. */
    | { readonly kind: 'file'; readonly streamIndex: number; readonly still?: StillFormat | null }
    | { readonly kind: 'pictures'; readonly format: 'png' | 'jpeg'; readonly names: readonly string[] };
  /** Stored pixels, before rotation. */
  readonly storedWidth: number;
  readonly storedHeight: number;
  readonly rotation: 0 | 90 | 180 | 270;
  /** Mirrored left to right before it is turned; plans cached by earlier versions lack it. */
  readonly mirrored?: boolean;
  readonly colour: SourceColour;
  readonly tags: ColourTags;
  readonly seek: SeekMode;
}
