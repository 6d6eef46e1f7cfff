// Builds the three pages: `node scripts/build-pages.mjs [--dev] [--watch]`, or buildPages() from start and tests.
// One bundle per page (the phone must not load what the workbench needs), hashed names, no network.
import { createHash } from 'node:crypto'
import { existsSync, watch as watchFolder } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { buildVerifier } from './build-verifier.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const PAGES = ['caller', 'agent', 'review', 'watch', 'package']
const STALE_ASSET_MS = 24 * 3600 * 1000

/** The first of these files that a page has. */
const find = (page, ...names) => names.map(name => join(root, 'h5-client', page, name)).find(existsSync)

/** `script`: modules that may share parts; `worker`: one classic script, which every browser takes as a worker. */
async function bundle(page, entries, minify, define, as = 'script') {
  const result = await build({
    absWorkingDir: root,
    entryPoints: entries,
    bundle: true,
    splitting: as === 'script',
    format: as === 'script' ? 'esm' : 'iife',
    outdir: 'assets',
    // Absolute, because an inlined script has no folder of its own to be relative to.
    publicPath: '/assets/',
    entryNames: '[name]-[hash]',
    chunkNames: `${page}-[name]-[hash]`,
    assetNames: `${page}-[name]-[hash]`,
    // All of these run destructuring; esbuild only knows of an old Safari corner case.
    target: ['es2020', 'safari14', 'chrome80', 'firefox78'],
    supported: { destructuring: true },
    jsx: 'automatic',
    jsxImportSource: 'preact',
    define: { 'process.env.NODE_ENV': minify ? '"production"' : '"development"', ...define },
    loader: { '.svg': 'dataurl', '.woff2': 'file', '.wasm': 'file' },
    minify,
    charset: 'utf8',
    legalComments: 'none',
    sourcemap: minify ? false : 'inline',
    metafile: true,
    write: false,
    logLevel: 'silent',
  })
  return result.outputFiles.map(file => {
    const output = result.metafile.outputs[relative(root, file.path)]
    return {
      file: basename(file.path),
      kind: file.path.endsWith('.js') ? 'script' : file.path.endsWith('.css') ? 'style' : 'other',
      entry: output?.entryPoint,
      imports: (output?.imports ?? [])
        .filter(one => one.kind === 'import-statement' && !one.external)
        .map(one => basename(one.path)),
      contents: file.contents,
      text: file.text,
      bytes: file.contents.byteLength,
      gzipBytes: gzipSync(file.contents, { level: 9 }).byteLength,
    }
  })
}

/** Every `<name>.worker.ts` of a page: a bundle of its own, whose address the page's scripts find in TONGPING_WORKERS. */
async function buildWorkers(page, minify) {
  const names = (await readdir(join(root, 'h5-client', page))).filter(file => file.endsWith('.worker.ts'))
  const bundles = await Promise.all(
    names.map(file => {
      const name = basename(file, '.worker.ts')
      const entry = { in: join(root, 'h5-client', page, file), out: `${page}-${name}-worker` }
      return bundle(page, [entry], minify, {}, 'worker').then(files => ({ name, files }))
    }),
  )
  const addresses = bundles.map(({ name, files }) => [
    name,
    `/assets/${files.find(one => one.entry !== undefined).file}`,
  ])
  return {
    files: bundles.flatMap(one => one.files),
    define: { TONGPING_WORKERS: JSON.stringify(Object.fromEntries(addresses)) },
  }
}

async function buildPage(page, minify, outFolder) {
  const script = find(page, 'main.tsx', 'main.ts')
  if (script === undefined) throw new Error(`h5-client/${page} has no main.ts or main.tsx`)
  const style = find(page, 'page.css')
  // late.ts is a bundle of its own and not a split of the first one: shared code would become a third file, and the
  // inlined first script would have to wait for it.
  const late = find(page, 'late.ts')
  const workers = await buildWorkers(page, minify)
  const lateFiles = late ? await bundle(page, [{ in: late, out: `${page}-late` }], minify, workers.define) : []
  const lateUrl = lateFiles.find(one => one.entry !== undefined)?.file
  const entries = [{ in: script, out: page }, ...(style ? [{ in: style, out: page }] : [])]
  const firstFiles = await bundle(page, entries, minify, {
    ...workers.define,
    ...(lateUrl ? { TONGPING_LATE_URL: `"/assets/${lateUrl}"` } : {}),
  })
  const main = firstFiles.find(one => one.entry === relative(root, script))
  const sheet = firstFiles.find(one => one.kind === 'style')
  const first = new Set([main.file])
  for (const file of first) for (const next of firstFiles.find(one => one.file === file)?.imports ?? []) first.add(next)
  const needed = new Set([...first, ...(lateUrl ? [lateUrl] : [])])
  for (const file of needed) {
    const own = [...firstFiles, ...lateFiles].find(one => one.file === file)
    for (const next of own?.imports ?? []) needed.add(next)
  }
  const preloads = [...first]
    .slice(1)
    .map(file => `<link rel="modulepreload" href="/assets/${file}">`)
    .join('')
  const template = await readFile(join(root, 'h5-client', page, 'index.html'), 'utf8')
  const html = template
    .replace('<!--build:style-inline-->', () => `<style nonce="__NONCE__">${sheet?.text.trim() ?? ''}</style>`)
    .replace('<!--build:style-->', () => (sheet ? `<link rel="stylesheet" href="/assets/${sheet.file}">` : ''))
    .replace('<!--build:script-inline-->', () => {
      const text = main.text.trim().replaceAll('</script', '<\\/script')
      return `${preloads}<script type="module" nonce="__NONCE__">${text}</script>`
    })
    .replace(
      '<!--build:script-->',
      () => `${preloads}<script type="module" nonce="__NONCE__" src="/assets/${main.file}"></script>`,
    )
  const files = [...lateFiles, ...workers.files, ...firstFiles]
  for (const { file, contents } of files) await put(join(outFolder, 'assets', file), contents)
  await put(join(outFolder, `${page}.html`), html)
  const scripts = files.filter(one => one.kind === 'script')
  const sum = list => list.reduce((total, one) => total + one.gzipBytes, 0)
  return {
    page,
    html: join(outFolder, `${page}.html`),
    htmlGzipBytes: gzipSync(html, { level: 9 }).byteLength,
    assets: files.map(({ file, kind, bytes, gzipBytes }) => ({ file, kind, bytes, gzipBytes })),
    initialScriptGzipBytes: sum(scripts.filter(one => first.has(one.file))),
    neededScriptGzipBytes: sum(scripts.filter(one => needed.has(one.file))),
    scriptGzipBytes: sum(scripts),
  }
}

/** Under a temporary name first: a server or a second build may be reading the same folder. */
async function put(file, contents) {
  const temporary = `${file}.${process.pid}-${Math.random().toString(36).slice(2)}.tmp`
  await writeFile(temporary, contents)
  await rename(temporary, file)
}

/** Assets of older builds stay a day for pages that are still open. */
async function sweep(assets, keep) {
  for (const file of await readdir(assets)) {
    if (keep.has(file)) continue
    const path = join(assets, file)
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }))
    if (Date.now() - mtimeMs > STALE_ASSET_MS) await rm(path, { force: true })
  }
}

/** See build-pages.d.mts. */
export async function buildPages(o = {}) {
  const { minify = true, watch = false, pages = PAGES, log = line => console.log(line) } = o
  const outFolder = o.outFolder ?? join(root, 'h5-client', 'dist')
  const startedAt = performance.now()
  await mkdir(join(outFolder, 'assets'), { recursive: true })
  const present = pages.filter(page => find(page, 'index.html') !== undefined)
  for (const page of pages) if (!present.includes(page)) log(`pages: ${page} has no index.html yet, left out`)
  const buildAll = async () => {
    const reports = await Promise.all(present.map(page => buildPage(page, minify, outFolder)))
    // Packages carry it beside their page.
    if (present.includes('package')) await put(join(outFolder, 'tongping-verify.mjs'), await buildVerifier())
    const kib = bytes => `${(bytes / 1024).toFixed(1)} KiB`
    for (const one of reports) {
      log(
        `pages: ${one.page.padEnd(6)} html ${kib(one.htmlGzipBytes)}, script ${kib(one.initialScriptGzipBytes)} at first, ` +
          `${kib(one.scriptGzipBytes)} in all (gzip)`,
      )
    }
    return reports
  }
  const reports = await buildAll()
  const files = reports.flatMap(report => report.assets.map(asset => asset.file)).sort()
  await sweep(join(outFolder, 'assets'), new Set(files))
  const watchers = watch ? watchSources(buildAll, log) : []
  return {
    outFolder,
    pages: reports,
    version: createHash('sha256').update(files.join('\n')).digest('hex').slice(0, 12),
    tookMs: Math.round(performance.now() - startedAt),
    async close() {
      for (const watcher of watchers) watcher.close()
    },
  }
}

function watchSources(buildAll, log) {
  let timer
  const again = (_, file) => {
    if (file === null || String(file).startsWith('dist')) return
    clearTimeout(timer)
    timer = setTimeout(() => buildAll().catch(error => log(`pages: ${error.message}`)), 80)
  }
  return ['h5-client', 'signaling/protocol'].map(folder => watchFolder(join(root, folder), { recursive: true }, again))
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const watch = process.argv.includes('--watch')
  const built = await buildPages({ minify: !watch && !process.argv.includes('--dev'), watch })
  console.log(`pages: built in ${built.tookMs} ms into ${relative(process.cwd(), built.outFolder)}`)
}
