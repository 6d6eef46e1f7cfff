import { type PDFiumDocument, PDFiumLibrary } from '@hyzyla/pdfium'
import sharp from 'sharp'
import { PdfError } from './pdf-error.ts'

export const MAX_PDF_PAGES = 200
/** PDFium and its bitmaps live in one WebAssembly memory; a page that wants more than this is refused. */
const MAX_MEMORY_BYTES = 512 * 1024 * 1024
const WASM_PAGE_BYTES = 65_536
const MAX_PNG_BYTES = 3 * 1024 * 1024
const JPEG = { quality: 90, chromaSubsampling: '4:4:4' } as const
/** PDF points (1/72 inch): a page of a size that no printer has is a trick or a fault. */
const MAX_SIDE_PT = 20_000

export type PdfJob =
  | { readonly kind: 'open'; readonly bytes: Uint8Array }
  /** `page` counts from 1. */
  | { readonly kind: 'render'; readonly bytes: Uint8Array; readonly page: number; readonly maxSidePx: number }
export type PdfPage = {
  readonly bytes: Uint8Array
  readonly type: 'image/jpeg' | 'image/png'
  readonly widthPx: number
  readonly heightPx: number
}
export type PdfResult = { readonly kind: 'open'; readonly pages: number } | ({ readonly kind: 'page' } & PdfPage)

/**
 * Bounds the memory of every WebAssembly module of this process. Emscripten asks for more through this very call and
 * takes a refusal for "out of memory", which PDFium survives or dies of: in a process of its own either is harmless.
 */
export function boundWasmMemory(maxBytes = MAX_MEMORY_BYTES): void {
  const { grow } = WebAssembly.Memory.prototype
  WebAssembly.Memory.prototype.grow = function bounded(this: WebAssembly.Memory, pages: number): number {
    if (this.buffer.byteLength + pages * WASM_PAGE_BYTES > maxBytes) throw new RangeError('out of memory')
    return grow.call(this, pages)
  }
}

let loading: Promise<PDFiumLibrary> | undefined

/**
 * What the PDF holds, or one page of it as a picture. This build of PDFium has no JavaScript engine and no XFA: nothing
 * in a document runs, nothing is fetched; form fields and annotations are drawn as they were saved.
 * @throws PdfError
 */
export async function readPdf(job: PdfJob): Promise<PdfResult> {
  loading ??= PDFiumLibrary.init()
  const library = await loading
  const document = await load(library, job.bytes)
  try {
    const pages = document.getPageCount()
    if (pages < 1) throw new PdfError('broken')
    if (pages > MAX_PDF_PAGES) throw new PdfError('too-many-pages')
    if (job.kind === 'open') return { kind: 'open', pages }
    if (job.page < 1 || job.page > pages) throw new PdfError('no-such-page')
    return { kind: 'page', ...(await render(document, job.page, job.maxSidePx)) }
  } finally {
    document.destroy()
  }
}

async function load(library: PDFiumLibrary, bytes: Uint8Array): Promise<PDFiumDocument> {
  try {
    return await library.loadDocument(bytes)
  } catch (cause) {
    // The wrapper tells PDFium's error codes apart only in its texts.
    const text = cause instanceof Error ? cause.message : ''
    throw new PdfError(/password|security/i.test(text) ? 'encrypted' : 'broken', { cause })
  }
}

async function render(document: PDFiumDocument, number: number, maxSidePx: number): Promise<PdfPage> {
  const page = document.getPage(number - 1)
  const { originalWidth, originalHeight } = page.getOriginalSize()
  const [long, short] = [Math.max(originalWidth, originalHeight), Math.min(originalWidth, originalHeight)]
  if (!(short > 0) || long > MAX_SIDE_PT) throw new PdfError('broken')
  const { data, width, height } = await page
    .render({ scale: maxSidePx / long, render: 'bitmap', renderFormFields: true })
    .catch((cause: unknown) => {
      throw new PdfError('too-complex', { cause })
    })
  // The wrapper says BGRA and asks PDFium for the reverse order: what comes is RGBA, opaque on white.
  const picture = sharp(data, { raw: { width, height, channels: 4 } }).removeAlpha()
  const png = await picture.clone().png({ compressionLevel: 6 }).toBuffer()
  const size = { widthPx: width, heightPx: height }
  // Text stays crisp as PNG; a scanned page would be many megabytes.
  if (png.length <= MAX_PNG_BYTES) return { bytes: png, type: 'image/png', ...size }
  return { bytes: await picture.jpeg(JPEG).toBuffer(), type: 'image/jpeg', ...size }
}
