import { readFile } from 'node:fs/promises'
import t from 'tap'
import { buildPages } from './build-pages.mjs'

const outFolder = t.testdir({})
const built = await buildPages({ pages: ['caller'], outFolder, log: () => {} })
const caller = built.pages[0]
const html = await readFile(`${outFolder}/caller.html`, 'utf8')

t.test(
  '[PG8] the phone loads at most 100 KB of JavaScript (gzip) in every call, and its first screen comes with the page itself',
  async t => {
    const needed = caller?.neededScriptGzipBytes ?? Infinity
    t.ok(needed <= 100 * 1000, `${needed} bytes of script in every call`)
    t.ok(
      (caller?.scriptGzipBytes ?? Infinity) <= 140 * 1000,
      `${caller?.scriptGzipBytes} bytes with all that is loaded on demand`,
    )
    t.ok((caller?.htmlGzipBytes ?? Infinity) <= 24 * 1000, `${caller?.htmlGzipBytes} bytes of page`)
    t.notMatch(html, /<script[^>]+src=|<link rel="(stylesheet|modulepreload)"/, 'nothing else before the first screen')
  },
)

t.test('[PG9] the page is ready for a strict policy and asks no other host', async t => {
  t.match(html, '<style nonce="__NONCE__">')
  t.match(html, '<script type="module" nonce="__NONCE__">')
  t.match(html, '<!--tongping-boot-->')
  t.notMatch(html, /\sstyle="|\son[a-z]+="/, 'no inline style or handler')
  t.strictSame(
    [...html.matchAll(/https?:\/\/[^\s"'`<]+/g)]
      .map(match => match[0])
      .filter(url => !url.startsWith('http://www.w3.org/')),
    [],
  )
  t.match(html, /\/assets\/caller-late-[A-Z0-9]{8}\.js/, 'the rest has a hashed name')
})

t.test('[PG10] no audio of any kind is in the phone page', async t => {
  const late = caller?.assets.find(asset => asset.file.startsWith('caller-late'))
  const own = (await readFile(`${outFolder}/assets/${late?.file}`, 'utf8')) + html
  t.notMatch(own, /AudioContext|new Audio\b|<audio|createElement\("audio"\)/)
  t.notMatch(html, /audio:\s*(?!!1|false)[^,}]/, 'the camera is asked for without a microphone')
})
