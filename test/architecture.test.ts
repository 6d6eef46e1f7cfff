import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import t from 'tap'

const ROOT = resolve(import.meta.dirname, '..')

/** Who may import whom. The longest matching folder (or file) is a file's house; a house may always import from itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'signaling/protocol': [],
  'signaling/sip': ['signaling/protocol'],
  /** Knows nothing of Tongping, not even its words. */
  'signaling/sip/embedded': [],
  'signaling/ws': ['signaling/protocol'],
  media: ['signaling/protocol'],
  recordings: ['signaling/protocol'],
  server: [
    'signaling/protocol',
    'signaling/sip',
    'signaling/sip/embedded',
    'signaling/ws',
    'media',
    'recordings',
    'scripts/simulated-caller',
    'h5-client/shared/words',
    'h5-client/shared/console/entry-words.ts',
    'h5-client/shared/console/durations.ts',
  ],
  'h5-client': [
    'signaling/protocol',
    'h5-client/shared/words',
    'h5-client/shared/console/entry-words.ts',
    'h5-client/shared/console/durations.ts',
  ],
  /** Pure words: what is printed or exported by the server says things as the pages do. */
  'h5-client/shared/words': ['signaling/protocol', 'h5-client'],
  'h5-client/shared/console/entry-words.ts': ['signaling/protocol', 'h5-client/shared/words'],
  'h5-client/shared/console/durations.ts': [],
  /** Apart from everything on purpose: it must not repeat the server's mistakes. */
  'scripts/simulated-caller': [],
  scripts: [
    'signaling/protocol',
    'signaling/sip',
    'signaling/sip/embedded',
    'media',
    'recordings',
    'server',
    'scripts/simulated-caller',
    'test',
    'h5-client',
    'h5-client/shared/words',
    'h5-client/shared/console/entry-words.ts',
    'h5-client/shared/console/durations.ts',
  ],
  test: [
    'signaling/protocol',
    'signaling/sip',
    'signaling/sip/embedded',
    'signaling/ws',
    'media',
    'recordings',
    'server',
    'scripts',
    'scripts/simulated-caller',
    'h5-client',
    'h5-client/shared/words',
    'h5-client/shared/console/entry-words.ts',
    'h5-client/shared/console/durations.ts',
  ],
}

/** The only folders (or files) that may know a foreign library. Types of mediasoup-client are the pages' own business. */
const HOME_OF: Readonly<Record<string, readonly string[]>> = {
  'drachtio-srf': ['signaling/sip/'],
  mediasoup: ['media/room/'],
  'mediasoup-client': ['h5-client/'],
  sharp: ['media/picture/'],
  'libheif-js': ['media/picture/'],
  '@hyzyla/pdfium': ['media/picture/'],
  'zxing-wasm': ['media/picture/', 'h5-client/'],
  'tesseract.js': ['media/picture/'],
  '@vladmandic/face-api': ['media/picture/face/'],
  '@aws-sdk/client-s3': ['recordings/store/'],
  'ffmpeg-static': ['recordings/', 'scripts/', 'server/config', 'server/env'],
  express: ['server/http/'],
  ws: ['signaling/ws/', 'signaling/sip/embedded/'],
  jsonwebtoken: ['server/auth/'],
  'prom-client': ['server/'],
  kysely: ['server/store/'],
  'sdp-transform': ['media/edge/'],
  preact: ['h5-client/agent/', 'h5-client/review/', 'h5-client/package/', 'h5-client/watch/', 'h5-client/shared/'],
  '@peculiar/x509': ['server/'],
  yazl: ['recordings/export/'],
  pdfkit: ['server/evidence/export/report/'],
  pkijs: ['recordings/anchor/'],
  asn1js: ['recordings/anchor/'],
}

type Import = { readonly target: string; readonly typeOnly: boolean }

const sources = globSync('{signaling,media,recordings,server,h5-client,scripts,test}/**/*.{ts,tsx,mjs}', { cwd: ROOT })
  .map(file => file.replaceAll('\\', '/'))
  .filter(file => !file.includes('/dist/') && !file.includes('node_modules'))
const isTest = (file: string) => /\.test\.tsx?$/.test(file) || /(^|\/)(test-)?(fixtures|harness)\//.test(file)
const houses = Object.keys(MAY_IMPORT).sort((a, b) => b.length - a.length)
const houseOf = (file: string) => houses.find(house => file === house || file.startsWith(`${house}/`))

function importsOf(file: string): Import[] {
  // Comments go first, so that an example in one is not taken for an import.
  const text = readFileSync(join(ROOT, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[\w*\s{},$]+\s+from\s+)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g,
  )
  return [...found].map(match => ({ target: match[2] ?? match[3] ?? '', typeOnly: match[1] !== undefined }))
}
const resolved = (file: string, target: string) =>
  relative(ROOT, resolve(ROOT, dirname(file), target)).replaceAll('\\', '/')

t.test('[ARC1] imports point one way', async t => {
  t.ok(sources.length > 20, 'the sources are found')
  const wrong = sources
    .filter(file => !isTest(file))
    .flatMap(file =>
      importsOf(file)
        .filter(({ target }) => target.startsWith('.'))
        .map(({ target }) => ({ file, to: resolved(file, target) }))
        .filter(({ to }) => {
          const from = houseOf(file) ?? ''
          const house = houseOf(to)
          return house !== undefined && house !== from && !MAY_IMPORT[from]?.includes(house)
        })
        .map(({ to }) => `${file} → ${to}`),
    )
  t.same(wrong, [])
})

t.test('[ARC2] one folder knows each foreign library', async t => {
  const wrong = sources
    .filter(file => !isTest(file) && !file.startsWith('test/') && !file.startsWith('scripts/'))
    .flatMap(file =>
      importsOf(file).flatMap(({ target }) => {
        const library = Object.keys(HOME_OF).find(name => target === name || target.startsWith(`${name}/`))
        return library && !HOME_OF[library]?.some(home => file.startsWith(home)) ? [`${file} → ${target}`] : []
      }),
    )
  t.same(wrong, [])
})

t.test('[ARC3] pages take values only from shared files free of zod', async t => {
  const withoutZod = (file: string, seen = new Set<string>()): boolean => {
    if (seen.has(file)) return true
    seen.add(file)
    return importsOf(file)
      .filter(({ typeOnly }) => !typeOnly)
      .every(({ target }) => target !== 'zod' && (!target.startsWith('.') || withoutZod(resolved(file, target), seen)))
  }
  const wrong = sources
    .filter(file => file.startsWith('h5-client/') && !isTest(file))
    .flatMap(file =>
      importsOf(file)
        .filter(({ target, typeOnly }) => !typeOnly && target.includes('signaling/protocol/'))
        .filter(({ target }) => !withoutZod(resolved(file, target)))
        .map(({ target }) => `${file} → ${target}`),
    )
  t.same(wrong, [])
})

t.test('[ARC4] no import cycles, counting values only', async t => {
  const graph = new Map(
    sources.map(file => [
      file,
      importsOf(file)
        .filter(({ target, typeOnly }) => target.startsWith('.') && !typeOnly)
        .map(({ target }) => resolved(file, target)),
    ]),
  )
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (file: string, path: readonly string[]) => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '))
    if (done.has(file) || path.includes(file)) return
    for (const next of graph.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of sources) visit(file, [])
  t.same(cycles, [])
})

t.test('[ARC5] no default exports and no enums', async t => {
  const wrong = sources.filter(file =>
    /^\s*export default\b|^\s*(export )?(const )?enum \w/m.test(readFileSync(join(ROOT, file), 'utf8')),
  )
  t.same(wrong, [])
})

t.test('[ARC6] this test would notice a wrong import', async t => {
  t.equal(houseOf('signaling/sip/embedded/via.ts'), 'signaling/sip/embedded')
  t.equal(resolved('media/edge/a.ts', '../../server/config.ts'), 'server/config.ts')
  t.notOk(MAY_IMPORT.media?.includes('server'))
  t.notOk(MAY_IMPORT['signaling/sip/embedded']?.includes('signaling/protocol'))
})
