import type { DatasetFormatName } from '../../../src-shared/contract/dataset-schemas.ts';

/** Names of the formats as their own documentation writes them; the same in every language. */
export const DATASET_NAMES: Readonly<Record<DatasetFormatName, string>> = {
  png: 'PNG',
  davis: 'DAVIS',
  csv: 'CSV',
  coco: 'COCO',
  'youtube-vos': 'YouTube-VOS',
  'youtube-vis': 'YouTube-VIS',
  'sa-v': 'SA-V',
  'sam3-train': 'SAM 3',
  'yolo-seg': 'YOLO segment',
  'yolo-box': 'YOLO detect',
  mot: 'MOTChallenge',
  'mots-txt': 'MOTS text',
  'mots-png': 'MOTS PNG',
  'cvat-video': 'CVAT video',
  'label-studio': 'Label Studio',
  labelme: 'labelme',
};
