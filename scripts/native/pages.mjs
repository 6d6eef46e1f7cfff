import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './run.mjs'

const PAGES = ['caller.html', 'agent.html', 'review.html', 'package.html', 'tongping-verify.mjs']

/** Builds the browsers' pages unless the built ones are newer than everything they are made of. @throws CommandFailed */
export async function providePages({ root, nodePath, log = console.log }) {
  const built = Math.min(...PAGES.map(page => changedMs(join(root, 'h5-client', 'dist', page)) ?? 0))
  if (newestMs(root) < built) return
  const output = await run(nodePath, [join(root, 'scripts', 'build-pages.mjs')], { cwd: root, stderr: 'inherit' })
  log(output.split('\n').at(-1) ?? 'pages: built')
}

/** When the pages' sources were last changed. */
function newestMs(root) {
  const files = ['signaling/protocol', 'h5-client'].flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath ?? entry.path, entry.name))
      .filter(file => !file.startsWith(join(root, 'h5-client', 'dist')) && !file.endsWith('.test.ts')),
  )
  files.push(join(root, 'scripts', 'build-pages.mjs'), join(root, 'package-lock.json'))
  return Math.max(...files.map(file => changedMs(file) ?? Number.POSITIVE_INFINITY))
}

function changedMs(file) {
  try {
    return statSync(file).mtimeMs
  } catch {
    return undefined
  }
}
