/** The offline verifier as one file for any Node from 18 on. */
export function buildVerifier(): Promise<Uint8Array>
