import type { Caller } from '../../../src-shared/rpc/contract-types.ts';

/** Asks for what is fetched over HTTP: it opens nothing and edits nothing, so it never goes. */
export const HTTP_CALLER: Caller = { closed: new AbortController().signal };
