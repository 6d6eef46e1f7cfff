import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import type { Diagram } from '../../signaling/protocol/diagram.ts'
import type { Library } from './library.ts'

const FOLDER = join(import.meta.dirname, '../library-samples')
const Samples = z.array(z.object({ file: z.string(), product: z.string(), fault: z.string(), title: z.string() }))

/** Adds the diagrams that come with Tongping; one that is there already (whoever added it) is left as it is. */
export async function addSamples(library: Library): Promise<Diagram[]> {
  const samples = Samples.parse(JSON.parse(await readFile(join(FOLDER, 'samples.json'), 'utf8')))
  const added: Diagram[] = []
  for (const { file, ...about } of samples) {
    if (await library.has(about)) continue
    added.push(await library.add(await readFile(join(FOLDER, file)), about))
  }
  return added
}
