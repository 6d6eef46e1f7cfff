import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Entry, fromBuffer, type ZipFile } from 'yauzl'

/** Unpacks a ZIP with a reader that is not the writer's. Resolves with its names in their order. */
export async function unzip(zip: Buffer, to: string): Promise<string[]> {
  const names: string[] = []
  const file = await new Promise<ZipFile>((resolve, reject) =>
    fromBuffer(zip, { lazyEntries: true }, (error, opened) => (error ? reject(error) : resolve(opened))),
  )
  await new Promise<void>((resolve, reject) => {
    file.on('error', reject)
    file.on('end', resolve)
    file.on('entry', (entry: Entry) => {
      names.push(entry.fileName)
      file.openReadStream(entry, (error, stream) => {
        if (error) return reject(error)
        const path = join(to, entry.fileName)
        mkdir(dirname(path), { recursive: true })
          .then(() => pipeline(stream, createWriteStream(path)))
          .then(() => file.readEntry(), reject)
      })
    })
    file.readEntry()
  })
  return names
}
