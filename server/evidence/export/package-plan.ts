import { basename, extname } from 'node:path'
import { DERIVED_FOLDER } from '../../../recordings/archive/durable-file.ts'
import type { CallFile } from '../../../recordings/vault/call-files.ts'
import type { ExportKind } from '../../../signaling/protocol/export-kinds.ts'
import { stampPath } from './read-facts.ts'

const MEDIA: ReadonlySet<string> = new Set(['.webm', '.mp4', '.ogg', '.opus', '.wav', '.mkv'])
const PICTURES: ReadonlySet<string> = new Set(['.webp', '.jpg', '.jpeg', '.png'])
/** Of the derived data: others have what was said, or hashes over originals. */
const WITHOUT_TEXTS: ReadonlySet<string> = new Set(['peaks.json', 'spans.json'])
const STAMPS = `${DERIVED_FOLDER}/stamp/`
const REDACTIONS = `${DERIVED_FOLDER}/redactions/`

/** One file of the record on its way into the package. `shown`: a picture that gets a watermark first. */
export type PlannedFile = {
  readonly from: string
  readonly to: string
  readonly bytes: number
  readonly as: 'copy' | 'shown'
}
export type PackagePlan = {
  readonly files: readonly PlannedFile[]
  readonly originals: boolean
  /** Path in the record → path in the package, for the page. */
  readonly shown: Readonly<Record<string, string>>
}

/** Which files of a record go where. Pure. */
export function planPackage(
  list: readonly CallFile[],
  o: { readonly kind: ExportKind; readonly redactionId?: string | undefined },
): PackagePlan {
  const files = list.flatMap(file => planned(file, o))
  const shown =
    o.redactionId === undefined
      ? Object.fromEntries(files.filter(({ from }) => !from.startsWith(STAMPS)).map(({ from, to }) => [from, to]))
      : coveredInPlace(list, files, o.redactionId)
  return { files, originals: o.kind === 'evidence' && o.redactionId === undefined, shown }
}

function planned(
  { path, bytes }: CallFile,
  { kind, redactionId }: { kind: ExportKind; redactionId?: string | undefined },
): PlannedFile[] {
  const copy = (to: string): PlannedFile => ({ from: path, to, bytes, as: 'copy' })
  if (redactionId !== undefined) {
    const folder = `${REDACTIONS}${redactionId}/`
    return path.startsWith(folder) ? [copy(`redacted/${path.slice(folder.length)}`)] : []
  }
  if (path.startsWith(STAMPS)) return kind === 'evidence' ? [copy(stampPath(path)), copy(`originals/${path}`)] : []
  if (path.startsWith(`${DERIVED_FOLDER}/`)) {
    // Derivatives of derivatives (redactions, thumbnails) lie deeper.
    const name = path.slice(DERIVED_FOLDER.length + 1)
    if (name.includes('/')) return []
    const json = kind === 'evidence' ? name.endsWith('.json') : WITHOUT_TEXTS.has(name)
    return MEDIA.has(extname(name)) || json ? [copy(`media/${name}`)] : []
  }
  if (kind === 'evidence') return [copy(`originals/${path}`)]
  if (!PICTURES.has(extname(path).toLowerCase())) return []
  const to = `pictures/${path
    .replace(/^pictures\//, '')
    .replaceAll('/', '-')
    .replace(/\.[^.]+$/, '')}.jpg`
  return [{ from: path, to, bytes, as: 'shown' }]
}

/** What a redaction left in the place of a file of the record, as a path in the record; undefined when it was left out. Pure. */
export function coveredPath(list: readonly CallFile[], redactionId: string, path: string): string | undefined {
  const folder = `${REDACTIONS}${redactionId}/`
  const stem = stemOf(path)
  if (path.startsWith(`${DERIVED_FOLDER}/`)) {
    const own = [`${folder}${stem}-redacted${extname(path)}`, `${folder}${basename(path)}`]
    return own.find(one => list.some(file => file.path === one))
  }
  // A covered picture is a PNG whatever it was before.
  return list.find(file => file.path.startsWith(`${folder}pictures/`) && stemOf(file.path) === stem)?.path
}

function coveredInPlace(
  list: readonly CallFile[],
  files: readonly PlannedFile[],
  redactionId: string,
): Record<string, string> {
  const paths = new Map(files.map(({ from, to }) => [from, to]))
  return Object.fromEntries(
    list.flatMap(({ path }) => {
      const to = paths.get(coveredPath(list, redactionId, path) ?? '')
      return to === undefined || path.startsWith(REDACTIONS) ? [] : [[path, to]]
    }),
  )
}

function stemOf(path: string): string {
  return basename(path, extname(path))
}
