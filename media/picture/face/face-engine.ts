/**
 * The only file that knows @vladmandic/face-api and TensorFlow.js. To be imported in a process of its own: the library's
 * bundle is made for browsers, and this file makes the process look like one while the bundle loads.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type * as FaceApi from '@vladmandic/face-api'
import type { FoundFace } from './face-messages.ts'

const { resolve } = createRequire(import.meta.url)
const MODELS = join(dirname(resolve('@vladmandic/face-api/package.json')), 'model')
const WASM = join(dirname(resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist/tfjs-backend-wasm-simd.wasm')

/** Under this the detector sees faces in wallpaper. */
const LEAST_DETECTION = 0.5
/** A face smaller than this, in pixels, has too little in it for a descriptor that means anything. */
export const SMALLEST_FACE_PX = 48

export type RgbPicture = { readonly data: Uint8Array; readonly widthPx: number; readonly heightPx: number }
export type Face = { readonly widthPx: number; readonly descriptor: Float32Array }

export class FaceEngine {
  readonly #api: typeof FaceApi

  private constructor(api: typeof FaceApi) {
    this.#api = api
  }

  /** Loads WebAssembly and three models from npm's packages (12 MB); nothing is downloaded. */
  static async create(): Promise<FaceEngine> {
    const api = await browserBundle(await readFile(WASM))
    const { ssdMobilenetv1, faceLandmark68Net, faceRecognitionNet } = api.nets
    await loadModel(api, ssdMobilenetv1, 'ssd_mobilenetv1_model')
    await loadModel(api, faceLandmark68Net, 'face_landmark_68_model')
    await loadModel(api, faceRecognitionNet, 'face_recognition_model')
    return new FaceEngine(api)
  }

  /** Detects, aligns by 68 landmarks, describes by 128 numbers. Faces too small to be compared are left out. */
  async faces(picture: RgbPicture): Promise<Face[]> {
    const { tf, SsdMobilenetv1Options, detectAllFaces } = this.#api
    const tensor = tf.tensor3d(picture.data, [picture.heightPx, picture.widthPx, 3], 'int32')
    try {
      // The library takes tensors as input in Node; its declarations were made from the browser's types.
      const input = tensor as unknown as FaceApi.TNetInput
      const found = await detectAllFaces(input, new SsdMobilenetv1Options({ minConfidence: LEAST_DETECTION }))
        .withFaceLandmarks()
        .withFaceDescriptors()
      return found
        .map(face => ({ widthPx: face.detection.box.width, descriptor: face.descriptor }))
        .filter(face => face.widthPx >= SMALLEST_FACE_PX)
    } finally {
      tensor.dispose()
    }
  }

  /** Where faces are, in 0..1 of the picture: detected only, neither aligned nor described. Small ones count, too. */
  async boxes({ data, widthPx, heightPx }: RgbPicture): Promise<FoundFace[]> {
    const { tf, SsdMobilenetv1Options, detectAllFaces } = this.#api
    const tensor = tf.tensor3d(data, [heightPx, widthPx, 3], 'int32')
    try {
      const input = tensor as unknown as FaceApi.TNetInput
      const found = await detectAllFaces(input, new SsdMobilenetv1Options({ minConfidence: LEAST_DETECTION }))
      return found.map(({ box, score }) => {
        const [left, top] = [Math.max(0, box.x), Math.max(0, box.y)]
        const [right, bottom] = [Math.min(widthPx, box.x + box.width), Math.min(heightPx, box.y + box.height)]
        const size = { width: (right - left) / widthPx, height: (bottom - top) / heightPx }
        return { box: { x: left / widthPx, y: top / heightPx, ...size }, confidence: Number(score.toFixed(2)) }
      })
    } finally {
      tensor.dispose()
    }
  }

  /** Euclidean distance of two descriptors: 0 the same, about 0.6 the border between one person and two. */
  distance(a: Face, b: Face): number {
    return this.#api.euclideanDistance(a.descriptor, b.descriptor)
  }
}

/**
 * The ES bundle holds TensorFlow.js and its WebAssembly backend, but asks for a window, fetches its .wasm and, when it sees
 * Node, requires modules the bundle lacks. The other bundles need 200 MB more of packages or a native build.
 */
async function browserBundle(wasm: Buffer): Promise<typeof FaceApi> {
  const real = process.versions
  // Made before Node's version is hidden: fetch's own code reads it when first used.
  const type = { headers: { 'content-type': 'application/wasm' } }
  new Response('', type)
  const looksLikeBrowser = {
    window: globalThis,
    document: {},
    // Nothing in this process has any business on the network: whatever is fetched is the one file.
    fetch: async () => new Response(new Uint8Array(wasm), type),
  }
  Object.assign(globalThis, looksLikeBrowser)
  Object.defineProperty(process, 'versions', { configurable: true, value: { ...real, node: undefined } })
  try {
    const bundle: string = '@vladmandic/face-api/dist/face-api.esm.js'
    const api: typeof FaceApi = await import(bundle)
    const tf = api.tf as typeof api.tf & {
      setWasmPaths(prefix: string): void
      env(): { set(flag: string, value: boolean): void }
      setBackend(name: string): Promise<boolean>
      ready(): Promise<void>
    }
    tf.setWasmPaths('http://in-memory/')
    tf.env().set('WASM_HAS_SIMD_SUPPORT', true)
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false)
    if (!(await tf.setBackend('wasm'))) throw new Error('the WebAssembly backend does not start')
    await tf.ready()
    // It looked for a browser's canvas and found none; tensors are all it will be given.
    api.env.setEnv(api.env.createNodejsEnv())
    return api
  } finally {
    Object.defineProperty(process, 'versions', { configurable: true, value: real })
  }
}

type Model = { loadFromWeightMap(weights: never): void | Promise<void> }

async function loadModel(api: typeof FaceApi, model: Model, name: string): Promise<void> {
  const manifest: { weights: unknown[] }[] = JSON.parse(
    await readFile(join(MODELS, `${name}-weights_manifest.json`), 'utf8'),
  )
  const bytes = await readFile(join(MODELS, `${name}.bin`))
  const tf = api.tf as unknown as { io: { decodeWeights(data: ArrayBuffer, specs: unknown[]): never } }
  const data = new Uint8Array(bytes).buffer
  await model.loadFromWeightMap(
    tf.io.decodeWeights(
      data,
      manifest.flatMap(group => group.weights),
    ),
  )
}
