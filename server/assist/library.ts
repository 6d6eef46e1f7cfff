import { createHash } from 'node:crypto'
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Diagram } from '../../signaling/protocol/diagram.ts'
import type { Picture } from '../../signaling/protocol/page.ts'
import type { DiagramRow, Diagrams } from '../store/diagrams.ts'

type TakenPicture = {
  readonly bytes: Buffer
  readonly type: Picture['type']
  readonly widthPx: number
  readonly heightPx: number
}
export type NewDiagram = { readonly product: string; readonly fault: string; readonly title: string }
export type OpenedDiagram = { readonly diagram: Diagram; readonly bytes: Buffer; readonly type: Picture['type'] }

const EXTENSION: Readonly<Record<Picture['type'], string>> = {
  'image/webp': 'webp',
  'image/jpeg': 'jpg',
  'image/png': 'png',
}
const MAX_WORDS = 8

/**
 * Diagrams by product and fault. A newer upload for the same product and fault is a new version; files of older versions
 * stay. What a customer was shown is copied into the call's archive, so nothing here is evidence.
 */
export class Library {
  readonly #folder: string
  readonly #diagrams: Diagrams
  readonly #take: (bytes: Buffer) => Promise<TakenPicture>

  /**
   * @param folder for the pictures: `<diagramId>/<version>.<ext>`
   * @param take makes a picture from outside safe; throws what it refuses
   */
  constructor(o: { folder: string; diagrams: Diagrams; take: (bytes: Buffer) => Promise<TakenPicture> }) {
    this.#folder = o.folder
    this.#diagrams = o.diagrams
    this.#take = o.take
  }

  /** @throws IntakeError */
  async add(bytes: Buffer, about: NewDiagram): Promise<Diagram> {
    const taken = await this.#take(bytes)
    const diagramId = diagramIdOf(about.product, about.fault)
    const version = (await this.#diagrams.newestVersion(diagramId)) + 1
    const file = `${diagramId}/${version}.${EXTENSION[taken.type]}`
    await this.#write(join(this.#folder, file), taken.bytes)
    const row = {
      diagram_id: diagramId,
      version,
      ...about,
      file,
      type: taken.type,
      sha256: createHash('sha256').update(taken.bytes).digest('hex'),
      width_px: taken.widthPx,
      height_px: taken.heightPx,
      added_at: new Date().toISOString(),
    }
    await this.#diagrams.add(row)
    return diagramOf(row)
  }

  /** Whether there is, or was, a diagram for this product and fault. */
  async has(about: Pick<NewDiagram, 'product' | 'fault'>): Promise<boolean> {
    return (await this.#diagrams.newestVersion(diagramIdOf(about.product, about.fault))) > 0
  }

  async remove(diagramId: string): Promise<boolean> {
    return this.#diagrams.remove(diagramId, new Date().toISOString())
  }

  /** Newest versions that hold every word; without words all of them. */
  async search(words: string): Promise<Diagram[]> {
    const parts = words.split(/[\s,，、]+/).filter(word => word !== '')
    return (await this.#diagrams.search(parts.slice(0, MAX_WORDS))).map(diagramOf)
  }

  /** The newest version, or the one asked for (which may be of a diagram removed since). */
  async open(diagramId: string, version?: number): Promise<OpenedDiagram | undefined> {
    const row = await (version === undefined
      ? this.#diagrams.current(diagramId)
      : this.#diagrams.version(diagramId, version))
    if (!row) return undefined
    const bytes = await readFile(join(this.#folder, row.file))
    return { diagram: diagramOf(row), bytes, type: row.type }
  }

  /** Whole or not at all, and never over another: two people adding at once end with an error, not with a mixture. */
  async #write(path: string, bytes: Buffer): Promise<void> {
    await mkdir(dirname(path), { recursive: true, mode: 0o750 })
    const coming = `${path}.coming`
    const handle = await open(coming, 'wx', 0o640)
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(coming, path)
  }
}

/** The same product and fault, however they are written, are the same diagram. */
export function diagramIdOf(product: string, fault: string): string {
  const key = [product, fault].map(text => text.normalize('NFKC').trim().toLowerCase().replace(/\s+/g, ' '))
  return `dia_${createHash('sha256').update(key.join('\u0000')).digest('hex').slice(0, 20)}`
}

function diagramOf(row: Omit<DiagramRow, 'removed_at'>): Diagram {
  const { diagram_id, version, product, fault, title, width_px, height_px } = row
  return { diagramId: diagram_id, version, product, fault, title, widthPx: width_px, heightPx: height_px }
}
