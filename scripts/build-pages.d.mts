export type PageName = 'caller' | 'agent' | 'review' | 'watch' | 'package'
export type AssetReport = {
  readonly file: string
  readonly kind: 'script' | 'style' | 'other'
  readonly bytes: number
  readonly gzipBytes: number
}
export type PageReport = {
  readonly page: string
  /** Absolute path of the finished HTML. */
  readonly html: string
  readonly htmlGzipBytes: number
  readonly assets: readonly AssetReport[]
  /** What is loaded before first use. */
  readonly initialScriptGzipBytes: number
  /** What every use needs: the page's own script and the late one, with what they import. */
  readonly neededScriptGzipBytes: number
  /** With everything that only some calls load. */
  readonly scriptGzipBytes: number
}
export type BuiltPages = {
  readonly outFolder: string
  readonly pages: readonly PageReport[]
  readonly version: string
  readonly tookMs: number
  close(): Promise<void>
}
/**
 * Bundles h5-client/<page>/main.ts(x), page.css and (as a second bundle) late.ts, and fills h5-client/<page>/index.html:
 * `<!--build:style-inline-->`, `<!--build:style-->`, `<!--build:script-inline-->` and `<!--build:script-->` become the
 * page's own assets. Each h5-client/<page>/<name>.worker.ts becomes a bundle of its own; `TONGPING_WORKERS[name]` is
 * its address. WebAssembly that is imported becomes a file of ours.
 * Writes <page>.html and assets/ into `outFolder` (default h5-client/dist). With `watch`, rebuilds until `close()`.
 */
export function buildPages(o?: {
  readonly minify?: boolean
  readonly watch?: boolean
  readonly pages?: readonly PageName[]
  readonly outFolder?: string
  readonly log?: (line: string) => void
}): Promise<BuiltPages>
