import { createHash } from 'node:crypto'
import type { CallFiles } from '../vault/call-files.ts'

/** SHA-256 (hex) of the plain bytes of a kept file. @throws NoSuchFile */
export async function hashKept(files: Pick<CallFiles, 'stream'>, path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of await files.stream(path)) hash.update(piece as Buffer)
  return hash.digest('hex')
}
