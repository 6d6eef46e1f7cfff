import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { dayFile, dayOfFile } from './chain-line.ts'

const LINE_FEED = 0x0a

export type RawChainLine = {
  readonly day: string
  /** Within its file, from 1. */
  readonly line: number
  /** Offset of the line in its file. */
  readonly fromByte: number
  /** Without the line feed. */
  readonly bytes: Buffer
  /** False for what stands after the last line feed of a file: a torn tail. */
  readonly ended: boolean
}

/** The days a chain has files of, oldest first; empty when there is no such folder. */
export async function chainDays(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names.flatMap(name => dayOfFile(name) ?? []).sort()
}

/** Every line as it stands, without judging it. @throws the file system's error */
export async function* readRawChain(folder: string, days: readonly string[]): AsyncGenerator<RawChainLine> {
  for (const day of days) yield* readRawDay(folder, day)
}

async function* readRawDay(folder: string, day: string): AsyncGenerator<RawChainLine> {
  let rest: Buffer = Buffer.alloc(0)
  let line = 0
  let fromByte = 0
  for await (const piece of createReadStream(join(folder, dayFile(day)), { highWaterMark: 256 * 1024 })) {
    let bytes = rest.length === 0 ? (piece as Buffer) : Buffer.concat([rest, piece as Buffer])
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED)) {
      line += 1
      yield { day, line, fromByte, bytes: bytes.subarray(0, end), ended: true }
      fromByte += end + 1
      bytes = bytes.subarray(end + 1)
    }
    rest = bytes
  }
  if (rest.length > 0) yield { day, line: line + 1, fromByte, bytes: rest, ended: false }
}
