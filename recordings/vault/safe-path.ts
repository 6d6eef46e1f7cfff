import { DERIVED_FOLDER, LOCK_FILE } from '../archive/durable-file.ts'
import { NoSuchFile } from './call-files.ts'

/** A relative path of plain names below the call's folder. */
const SAFE = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/

/** False for a path that could lead out of a call's folder, or to hidden and temporary files. */
export function isSafePath(path: string): boolean {
  return SAFE.test(path) && path !== LOCK_FILE
}

/** @throws NoSuchFile for a path that is not safe */
export function assertSafePath(path: string): void {
  if (!isSafePath(path)) throw new NoSuchFile('no such file in this record')
}

/** @throws Error for a path outside `derived/`: evidence is never written a second time */
export function assertDerivedPath(path: string): void {
  assertSafePath(path)
  if (!path.startsWith(`${DERIVED_FOLDER}/`)) throw new Error('only derivatives may be written')
}
