// Builds the three pages: `node scripts/build-pages.mjs [--dev]`, or buildPages() from start and tests.
// One bundle per page (the phone must not load what the workbench needs), hashed names, no network.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build, context } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const PAGES = ['caller', 'agent', 'review']
const STALE_ASSET_MS = 24 * 3600 * 1000

/** @param {string} page @param {boolean} minify @param {string} assets */
function optionsFor(page, minify, assets) {
  const folder = join(root, 'h5-client', page)
  const script = ['main.tsx', 'main.ts'].map(name => join(folder, name)).find(existsSync)
  if (script === undefined) throw new Error(`h5-client/${page} has no main.ts or main.tsx`)
  const style = join(folder, 'page.css')
  return {
    absWorkingDir: root,
    entryPoints: [{ in: script, out: page }, ...(existsSync(style) ? [{ in: style, out: page }] : [])],
    bundle: true,
    splitting: true,
    format: 'esm',
    outdir: assets,
    entryNames: '[name]-[hash]',
    chunkNames: `${page}-[name]-[hash]`,
    assetNames: `${page}-[name]-[hash]`,
    // Safari 14 and Chrome 80 run destructuring; esbuild only knows of an old Safari corner case.
    target: ['es2020', 'safari14', 'chrome80', 'firefox78'],
    supported: { destructuring: true },
    jsx: 'automatic',
    jsxImportSource: 'preact',
    define: { 'process.env.NODE_ENV': minify ? '"production"' : '"development"' },
    loader: { '.svg': 'dataurl', '.woff2': 'file' },
    minify,
    charset: 'utf8',
    legalComments: 'none',
    sourcemap: minify ? false : 'linked',
    metafile: true,
    write: false,
    logLevel: 'silent',
  }
}

/** Under a temporary name first: a server or a second build may be reading the same folder. */
async function put(file, contents) {
  const temporary = `${file}.${process.pid}-${Math.random().toString(36).slice(2)}.tmp`
  await writeFile(temporary, contents)
  await rename(temporary, file)
}

/** @returns {Promise<import('./build-pages.mjs').PageReport>} */
async function finishPage(page, result, outFolder, assets) {
  const written = []
  for (const file of result.outputFiles) {
    const path = join(assets, basename(file.path))
    await put(path, file.contents)
    if (path.endsWith('.map')) continue
    const output = result.metafile.outputs[relative(root, file.path)]
    const entry = output?.entryPoint !== undefined && basename(path).startsWith(`${page}-`)
    written.push({
      file: basename(path),
      kind: path.endsWith('.js') ? 'script' : path.endsWith('.css') ? 'style' : 'other',
      entry: entry && /(^|\/)(main\.tsx?|page\.css)$/.test(output.entryPoint),
      staticImports: (output?.imports ?? [])
        .filter(one => one.kind === 'import-statement' && !one.external)
        .map(one => basename(one.path)),
      bytes: file.contents.byteLength,
      gzipBytes: gzipSync(file.contents, { level: 9 }).byteLength,
      text: path.endsWith('.css') ? file.text : undefined,
    })
  }
  const script = written.find(one => one.entry && one.kind === 'script')
  const style = written.find(one => one.entry && one.kind === 'style')
  const template = await readFile(join(root, 'h5-client', page, 'index.html'), 'utf8')
  const first = new Set([script.file])
  for (const file of first)
    for (const next of written.find(one => one.file === file)?.staticImports ?? []) first.add(next)
  const preloads = [...first]
    .slice(1)
    .map(file => `<link rel="modulepreload" href="/assets/${file}">`)
    .join('')
  const html = template
    .replace('<!--build:style-inline-->', () => `<style nonce="__NONCE__">${style?.text.trim() ?? ''}</style>`)
    .replace('<!--build:style-->', () => (style ? `<link rel="stylesheet" href="/assets/${style.file}">` : ''))
    .replace(
      '<!--build:script-->',
      () => `${preloads}<script type="module" nonce="__NONCE__" src="/assets/${script.file}"></script>`,
    )
  await put(join(outFolder, `${page}.html`), html)
  const scripts = written.filter(one => one.kind === 'script')
  const sum = list => list.reduce((total, one) => total + one.gzipBytes, 0)
  return {
    page,
    html: join(outFolder, `${page}.html`),
    htmlGzipBytes: gzipSync(html, { level: 9 }).byteLength,
    assets: written.map(({ file, kind, bytes, gzipBytes }) => ({ file, kind, bytes, gzipBytes })),
    initialScriptGzipBytes: sum(scripts.filter(one => first.has(one.file))),
    scriptGzipBytes: sum(scripts),
  }
}

/** Assets of older builds stay a day for pages that are still open. */
async function sweep(assets, keep) {
  for (const file of await readdir(assets)) {
    if (keep.has(file) || keep.has(file.replace(/\.map$/, ''))) continue
    const path = join(assets, file)
    const age = Date.now() - (await stat(path).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs
    if (age > STALE_ASSET_MS) await rm(path, { force: true })
  }
}

/** See build-pages.d.mts. */
export async function buildPages(o = {}) {
  const { minify = true, watch = false, pages = PAGES, log = line => console.log(line) } = o
  const outFolder = o.outFolder ?? join(root, 'h5-client', 'dist')
  const assets = join(outFolder, 'assets')
  const startedAt = performance.now()
  await mkdir(assets, { recursive: true })
  const present = pages.filter(page => existsSync(join(root, 'h5-client', page, 'index.html')))
  for (const page of pages) if (!present.includes(page)) log(`pages: ${page} has no index.html yet, left out`)
  const reports = await Promise.all(
    present.map(async page => finishPage(page, await build(optionsFor(page, minify, assets)), outFolder, assets)),
  )
  await sweep(assets, new Set(reports.flatMap(report => report.assets.map(asset => asset.file))))
  for (const report of reports) {
    const kib = bytes => `${(bytes / 1024).toFixed(1)} KiB`
    log(
      `pages: ${report.page.padEnd(6)} html ${kib(report.htmlGzipBytes)}, script ${kib(report.initialScriptGzipBytes)} at first, ` +
        `${kib(report.scriptGzipBytes)} in all (gzip)`,
    )
  }
  const identity = createHash('sha256').update(
    reports
      .flatMap(r => r.assets.map(a => a.file))
      .sort()
      .join('\n'),
  )
  const watchers = watch ? await Promise.all(present.map(page => watchPage(page, minify, outFolder, assets, log))) : []
  return {
    outFolder,
    pages: reports,
    /** Changes when any page changes. */
    version: identity.digest('hex').slice(0, 12),
    tookMs: Math.round(performance.now() - startedAt),
    async close() {
      await Promise.all(watchers.map(watcher => watcher.dispose()))
    },
  }
}

async function watchPage(page, minify, outFolder, assets, log) {
  let first = true
  const plugin = {
    name: 'finish-page',
    setup(hooks) {
      hooks.onEnd(async result => {
        if (first || result.errors.length > 0) {
          first = false
          for (const error of result.errors)
            log(`pages: ${page}: ${error.text} (${error.location?.file}:${error.location?.line})`)
          return
        }
        await finishPage(page, result, outFolder, assets)
        log(`pages: ${page} built again`)
      })
    },
  }
  const watcher = await context({ ...optionsFor(page, minify, assets), plugins: [plugin] })
  await watcher.watch()
  return watcher
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const watch = process.argv.includes('--watch')
  const built = await buildPages({ minify: !watch && !process.argv.includes('--dev'), watch })
  console.log(`pages: built in ${built.tookMs} ms into ${relative(process.cwd(), built.outFolder)}`)
}
