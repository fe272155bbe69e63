export { type RgbPicture, squarePicture } from './backbone/backbone-input.ts';
export { type BackbonePack, readBackbone, verifyBackbone } from './backbone/backbone-pack.ts';
export { BackboneRuntime, type OpenBackboneOptions, openBackbone } from './backbone/backbone-runtime.ts';
export { type PictureFilter, resamplePicture } from './backbone/resample-picture.ts';
export { MAX_OPSET } from './check-graph.ts';
export { type ImportOptions, importPack } from './import-pack.ts';
export type { Manifest } from './manifest.ts';
export { type ModelPack, type PackSpec, packName, readPack } from './model-pack.ts';
export { type OnnxGraph, type OnnxPort, readOnnxGraph } from './onnx/onnx-graph.ts';
export type { PackCapabilities } from './pack-capabilities.ts';
export { builtinModelsFolder, findAnyPack, findPack, listPacks, type PackEntry } from './registry.ts';
export { type Role, roles } from './roles.ts';
export { type DeviceKind, type DeviceRequest, deviceKinds, parseDevice } from './runtime/device.ts';
export { ImageInput, type ImageNormalisation } from './runtime/image-input.ts';
export { type OpenPackOptions, openPackRuntime } from './runtime/open-pack-runtime.ts';
export { OpenPacks } from './runtime/open-packs.ts';
export { runtimeVersion } from './runtime/ort-version.ts';
export type { Outputs } from './runtime/outputs.ts';
export { type GoldenFinding, replayGoldens } from './runtime/pack-goldens.ts';
export { PackRuntime, type RuntimeProvider } from './runtime/pack-runtime.ts';
export {
  defaultThreads,
  listProviders,
  type ProviderInfo,
  type ProviderTest,
  testProvider,
} from './runtime/providers.ts';
export type { RunListener } from './runtime/role-session.ts';
export { testProviderApart } from './runtime/test-provider-apart.ts';
export { exerciseGraphs, testPattern } from './runtime/warm-up.ts';
export { ClipTokenizer } from './text/clip-tokenizer.ts';
export { loadTokenizer } from './text/load-tokenizer.ts';
export type { TokenizedPhrase, Tokenizer } from './text/tokenizer.ts';
export { WordsTokenizer } from './text/words-tokenizer.ts';
export { type VerifiedGraph, type VerifiedPack, verifyPack } from './verify-pack.ts';
