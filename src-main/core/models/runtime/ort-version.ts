import { loadOrt } from './ort.ts';

/** `1.30.0`: belongs to every figure that is published. */
export async function runtimeVersion(): Promise<string> {
  return (await loadOrt()).env.versions.node ?? 'unknown';
}
