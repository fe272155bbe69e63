import type { DatasetFormatName } from '../../../../src-shared/contract/dataset-schemas.ts';
import type { DatasetFormat } from './dataset-format.ts';
import { cocoFormat } from './formats/coco.ts';
import { csvFormat } from './formats/csv.ts';
import { cvatVideoFormat } from './formats/cvat-video.ts';
import { davisFormat } from './formats/davis.ts';
import { labelStudioFormat } from './formats/label-studio.ts';
import { labelmeFormat } from './formats/labelme.ts';
import { motFormat } from './formats/mot.ts';
import { motsPngFormat } from './formats/mots-png.ts';
import { motsTxtFormat } from './formats/mots-txt.ts';
import { pngFormat } from './formats/png.ts';
import { saVFormat } from './formats/sa-v.ts';
import { sam3TrainFormat } from './formats/sam3-train.ts';
import { yoloBoxFormat, yoloSegFormat } from './formats/yolo.ts';
import { youtubeVisFormat } from './formats/youtube-vis.ts';
import { youtubeVosFormat } from './formats/youtube-vos.ts';

/** Every dataset layout. The order is the one in which unknown data are looked at: the more particular layouts first. */
export const datasetFormats: Readonly<Record<DatasetFormatName, DatasetFormat>> = {
  'sam3-train': sam3TrainFormat,
  'youtube-vis': youtubeVisFormat,
  'sa-v': saVFormat,
  'label-studio': labelStudioFormat,
  labelme: labelmeFormat,
  coco: cocoFormat,
  'cvat-video': cvatVideoFormat,
  'mots-txt': motsTxtFormat,
  mot: motFormat,
  'yolo-seg': yoloSegFormat,
  'yolo-box': yoloBoxFormat,
  'mots-png': motsPngFormat,
  'youtube-vos': youtubeVosFormat,
  davis: davisFormat,
  png: pngFormat,
  csv: csvFormat,
};
