import { randomBytes } from 'node:crypto'
import { branchCookie } from './via.ts'

/** A From or To tag: 80 random bits, far above the 32 that RFC 3261 19.3 asks for. */
export function newTag(): string {
  return randomBytes(10).toString('hex')
}

export function newBranch(): string {
  return `${branchCookie}${randomBytes(10).toString('hex')}`
}

/** A first CSeq below 2^31 with room to count up (RFC 3261 8.1.1.5). */
export function newSequence(): number {
  return 1 + (randomBytes(4).readUInt32BE() >>> 4)
}
