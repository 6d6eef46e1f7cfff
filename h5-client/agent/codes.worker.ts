import { prepareZXingModule, type ReaderOptions, readBarcodes } from 'zxing-wasm/reader'
import wasmAddress from 'zxing-wasm/reader/zxing_reader.wasm'
import { asCode, type CodeAnswer, type CodeQuestion } from './code-reading.ts'

/** The only file of the pages that knows the decoder. Runs in a worker: a frame costs more than the page can spare. */
const OPTIONS: ReaderOptions = {
  formats: [
    'QRCode',
    'DataMatrix',
    'EAN13',
    'EAN8',
    'UPCA',
    'UPCE',
    'Code128',
    'Code39',
    'PDF417',
    'Aztec',
    'ITF',
    'Codabar',
  ],
  tryHarder: true,
  tryInvert: true,
  maxNumberOfSymbols: 8,
}
/** Of the frame's longer side: enough for a code that fills a tenth of the picture. */
const LONGEST_PX = 1600

/** Without the library for workers among the types: the two things of its global scope that are needed. */
const scope = globalThis as unknown as {
  postMessage(answer: CodeAnswer): void
  addEventListener(name: 'message', listener: (event: MessageEvent<CodeQuestion>) => void): void
}
let canvas: OffscreenCanvas | undefined

function pixelsOf(bitmap: ImageBitmap): ImageData {
  const scale = Math.min(1, LONGEST_PX / Math.max(bitmap.width, bitmap.height))
  const width = Math.max(1, Math.round(bitmap.width * scale))
  const height = Math.max(1, Math.round(bitmap.height * scale))
  if (canvas?.width !== width || canvas.height !== height) canvas = new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) throw new Error('no 2d canvas in this browser')
  context.drawImage(bitmap, 0, 0, width, height)
  bitmap.close()
  return context.getImageData(0, 0, width, height)
}

async function read({ frame, bitmap }: CodeQuestion): Promise<CodeAnswer> {
  const pixels = pixelsOf(bitmap)
  const found = await readBarcodes(pixels, OPTIONS)
  return { kind: 'read', frame, codes: found.flatMap(one => asCode(one, pixels) ?? []) }
}

const failed = (error: unknown): CodeAnswer => ({
  kind: 'failed',
  reason: error instanceof Error ? error.message : String(error),
})

scope.addEventListener('message', ({ data }) => {
  read(data)
    .catch(failed)
    .then(answer => scope.postMessage(answer))
})
prepareZXingModule({ overrides: { locateFile: () => wasmAddress }, fireImmediately: true })
  .then((): CodeAnswer => ({ kind: 'ready' }), failed)
  .then(answer => scope.postMessage(answer))
