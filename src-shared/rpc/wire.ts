import type { ErrorData } from '../errors/studio-error.ts';

/** Raised when the meaning of a message changes; both sides must agree before the first call. */
export const PROTOCOL_VERSION = 1;
/** Events a stream may send ahead of its reader. */
export const INITIAL_CREDIT = 8;

export type WireMessage =
  | { readonly type: 'hello'; readonly version: number }
  | { readonly type: 'call'; readonly id: number; readonly name: string; readonly input: unknown }
  | { readonly type: 'answer'; readonly id: number; readonly output: unknown }
  | { readonly type: 'event'; readonly id: number; readonly event: unknown }
  | { readonly type: 'end'; readonly id: number }
  | { readonly type: 'error'; readonly id: number; readonly error: ErrorData }
  | { readonly type: 'credit'; readonly id: number; readonly count: number }
  | { readonly type: 'cancel'; readonly id: number };

/** A two-way message pipe: in-memory, MessagePort or WebSocket. Messages arrive in order, whole, at most once. */
export interface Transport {
  post(message: WireMessage, transfer?: readonly object[]): void;
  /** Set once by the side that reads. */
  onMessage(listener: (message: unknown) => void): void;
  /** Called once when the other side is gone, whatever the reason. */
  onClose(listener: () => void): void;
  close(): void;
}

const TYPES = new Set(['hello', 'call', 'answer', 'event', 'end', 'error', 'credit', 'cancel']);

/** Accepts only messages of the wire's own shape; anything else is null. Payloads are checked by schema later. */
export function parseWireMessage(value: unknown): WireMessage | null {
  if (typeof value !== 'object' || value === null) return null;
  const message = value as Record<string, unknown>;
  if (typeof message.type !== 'string' || !TYPES.has(message.type)) return null;
  if (message.type === 'hello') return typeof message.version === 'number' ? (value as WireMessage) : null;
  if (!Number.isSafeInteger(message.id)) return null;
  if (message.type === 'call' && typeof message.name !== 'string') return null;
  if (message.type === 'credit' && !(Number.isSafeInteger(message.count) && (message.count as number) > 0)) return null;
  if (message.type === 'error' && (typeof message.error !== 'object' || message.error === null)) return null;
  return value as WireMessage;
}
