import type { z } from 'zod';

/** A procedure is data. `query`: one answer; `stream`: events under credit until the end, an error or a cancel. */
export type Procedure =
  | { readonly kind: 'query'; readonly input: z.ZodType; readonly output: z.ZodType }
  | { readonly kind: 'stream'; readonly input: z.ZodType; readonly event: z.ZodType };

export type Contract = Readonly<Record<string, Procedure>>;

/** What a handler may use besides its input. */
export interface CallContext {
  /** Fires when the caller cancels or the connection closes. */
  readonly signal: AbortSignal;
  readonly caller: Caller;
}

/** A connection that asks: the same object for all its calls. */
export interface Caller {
  /** Fires when the connection ends. */
  readonly closed: AbortSignal;
}

/** Marks buffers inside an answer or event that move to the receiver instead of being copied. */
export class Moved<T> {
  readonly value: T;
  readonly transfer: readonly object[];

  constructor(value: T, transfer: readonly object[]) {
    this.value = value;
    this.transfer = transfer;
  }
}

export type Handlers<C extends Contract> = {
  readonly [Name in keyof C]: C[Name] extends { kind: 'query'; input: infer I; output: infer O }
    ? (input: Parsed<I>, context: CallContext) => Promise<Parsed<O> | Moved<Parsed<O>>>
    : C[Name] extends { kind: 'stream'; input: infer I; event: infer E }
      ? (input: Parsed<I>, context: CallContext) => AsyncIterable<Parsed<E> | Moved<Parsed<E>>>
      : never;
};

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Buffers and ports inside the input that move to the other side. */
  readonly transfer?: readonly object[];
}

export type Client<C extends Contract> = {
  readonly [Name in keyof C]: C[Name] extends { kind: 'query'; input: infer I; output: infer O }
    ? (input: Given<I>, options?: CallOptions) => Promise<Parsed<O>>
    : C[Name] extends { kind: 'stream'; input: infer I; event: infer E }
      ? (input: Given<I>, options?: CallOptions) => AsyncIterableIterator<Parsed<E>>
      : never;
};

type Parsed<S> = S extends z.ZodType ? z.output<S> : never;
type Given<S> = S extends z.ZodType ? z.input<S> : never;
