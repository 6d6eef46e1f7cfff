// `npm test [-- <part of a path> …]`: brings what is missing, checks types and style, runs every *.test.ts with tap, and
// ends with the line "N passed, N failed". Plain JavaScript for any Node from 18 on: it runs before there are packages.
// With parts of paths only the matching test files run, without the checks.
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from './native/cache.mjs'
import { provideTap } from './native/packages.mjs'
import { provideAll, ROOT } from './native/provide.mjs'
import { TapReport } from './native/tap-report.mjs'
import { provideTestTools } from './native/test-tools.mjs'

const FOLDERS = ['signaling', 'media', 'recordings', 'server', 'h5-client', 'scripts', 'test']
/** These hear tones, count lost packets, hold somebody to a time or wait for jobs of the lowest priority: the machine is theirs alone. */
const ALONE =
  /^test\/e2e\/(card-shutter|crosstalk|live-marks|network|network-relay|peer-.*|record|reload|review|shutter-worker|voice|worker-death)\.test\.ts$/
const isEndToEnd = file => file.startsWith('test/e2e/')
const GROUPS = [
  { title: 'unit and contract tests', has: file => !isEndToEnd(file), jobs: 2, timeoutS: 60 },
  {
    title: 'end-to-end tests, side by side',
    has: file => isEndToEnd(file) && !ALONE.test(file),
    jobs: 2,
    timeoutS: 240,
  },
  { title: 'end-to-end tests, one by one', has: file => ALONE.test(file), jobs: 1, timeoutS: 240 },
]
/** Begun first, so that none of them is what everything waits for at the end. */
const LONG = ['hour-of-drift', 'session-timer', 'tiers-cut', 'tiers-killed', 'tiers-away', 'desk-phone', 'failures']
const DETAIL_LINES = 30
const filters = process.argv.slice(2)
const totals = { passed: 0, failed: 0, skipped: 0 }
const failures = []
/** Files that passed only at their second run. */
const shaky = []
const MAX_SECOND_RUNS = 6

const isLong = file => LONG.some(name => file === `test/e2e/${name}.test.ts`)

function testFiles() {
  return FOLDERS.flatMap(folder =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && entry.name.endsWith('.test.ts'))
      .map(entry => join(entry.parentPath ?? entry.path, entry.name).slice(ROOT.length + 1))
      .filter(file => !file.startsWith('h5-client/dist/')),
  )
    .filter(file => filters.length === 0 || filters.some(part => file.includes(part.replace(/^\.\//, ''))))
    .sort((a, b) => Number(isLong(b)) - Number(isLong(a)) || (a < b ? -1 : 1))
}

/** Runs a program with its output handed to `onText`; resolves with its exit status. */
function stream(command, args, { env, onText }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const pipe of [child.stdout, child.stderr]) pipe.setEncoding('utf8')
    child.stdout.on('data', text => onText(text, 'stdout'))
    child.stderr.on('data', text => onText(text, 'stderr'))
    child.once('error', reject)
    child.once('close', code => resolve(code ?? 1))
  })
}

function count(ok, title, detail = '') {
  totals[ok ? 'passed' : 'failed']++
  console.log(`${ok ? '✓' : '✗'} ${title}`)
  if (!ok) failures.push({ path: [title], detail: detail.trim().split('\n') })
}

async function check(title, args, { nodePath }) {
  let said = ''
  const status = await stream(nodePath, args, { onText: text => (said += text) })
  count(status === 0, title, said)
}

/** One run of tap over some files: what passed and failed, file by file. */
async function runFiles(files, { jobs, timeoutS, nodePath, env }) {
  let complaints = ''
  const run = { files: new Map(), failures: [], passed: 0, failed: 0, skipped: 0, problem: undefined }
  const report = new TapReport({
    onFile: file => {
      run.files.set(file.name, file)
      const { name, passed, failed, skipped, ms } = file
      const parts = [`${passed} passed`, failed && `${failed} failed`, skipped && `${skipped} skipped`].filter(Boolean)
      const time = ms === undefined ? '' : `  ${(ms / 1000).toFixed(1)} s`
      console.log(`${failed ? '✗' : '✓'} ${name}  ${parts.join(', ')}${time}`)
    },
    onFailure: failure => {
      run.failures.push(failure)
      console.log(`    ✗ ${failure.path.join(' › ')}`)
    },
  })
  const tap = join(ROOT, 'node_modules', 'tap', 'dist', 'esm', 'run.mjs')
  const options = ['run', '--reporter=tap', `--jobs=${jobs}`, `--timeout=${timeoutS}`, ...files]
  const status = await stream(nodePath, [tap, ...options], {
    env,
    onText: (text, from) => {
      if (from === 'stdout') report.write(text)
      else complaints = (complaints + text).slice(-8_000)
    },
  })
  report.end()
  for (const key of Object.keys(totals)) run[key] = report[key]
  if (run.files.size !== files.length) {
    run.problem = { title: `${run.files.size} of ${files.length} files reported`, detail: complaints }
  } else if (status !== 0 && report.failed === 0) {
    run.problem = { title: `the test runner ended with ${status}`, detail: complaints }
  }
  return run
}

/**
 * A test with real browsers, real time and real packets can be caught by a machine that stands still for seconds. A few
 * failed files get one more run, alone; that they needed it is said at the end and never hidden.
 */
async function runGroup({ title, jobs, timeoutS }, files, tools) {
  console.log(`\n${title} (${files.length} files)`)
  const run = await runFiles(files, { jobs, timeoutS, ...tools })
  const again = files.filter(file => run.files.get(file)?.failed)
  let failed = run.failures
  for (const key of Object.keys(totals)) totals[key] += run[key]
  if (run.problem) count(false, `${title}: ${run.problem.title}`, run.problem.detail)
  else if (again.length > 0 && again.length <= MAX_SECOND_RUNS) {
    console.log(`\nonce more, alone: ${again.join(', ')}`)
    const second = await runFiles(again, { jobs: 1, timeoutS, ...tools })
    for (const file of again) {
      const [before, after] = [run.files.get(file), second.files.get(file)]
      if (!after || after.failed > 0) continue
      totals.passed += after.passed - before.passed
      totals.failed -= before.failed
      totals.skipped += after.skipped - before.skipped
      const own = failure => failure.path[0] === file
      shaky.push({ file, failures: failed.filter(own) })
      failed = failed.filter(failure => !own(failure))
    }
  }
  failures.push(...failed)
}

async function main() {
  const ready = await provideAll()
  await provideTap({ root: ROOT, nodePath: ready.nodePath })
  const tools = await provideTestTools({ logFile: join(cacheFolder(), 'apt.log') })
  const env = { ...ready.env, TONGPING_MISSING: tools.missing.join(' ') }
  const nodePath = ready.nodePath
  const files = testFiles()
  if (filters.length > 0 && files.length === 0) throw new Error(`no test file matches ${filters.join(' ')}`)

  const missing = tools.missing.join(' ')
  if (missing) console.log(`missing: ${missing} — the tests that need them will fail; run as root: ${tools.command}`)
  if (filters.length === 0) {
    console.log('\nchecks')
    count(!missing, 'programs for the tests are installed', `missing: ${missing}\nrun as root: ${tools.command}`)
    await check('types (tsc)', [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '--noEmit', '-p', ROOT], {
      nodePath,
    })
    await check('style (biome)', [join(ROOT, 'node_modules', '@biomejs', 'biome', 'bin', 'biome'), 'check', '.'], {
      nodePath,
    })
  }
  for (const group of GROUPS) {
    const own = files.filter(group.has)
    if (own.length > 0) await runGroup(group, own, { nodePath, env })
  }
}

try {
  await main()
} catch (error) {
  count(false, 'preparation', error instanceof Error ? error.message : String(error))
}
if (failures.length > 0) console.log('\nfailures')
for (const { path, detail } of failures) {
  console.log(`\n✗ ${path.join(' › ')}`)
  for (const line of detail.slice(0, DETAIL_LINES)) console.log(`    ${line}`)
  if (detail.length > DETAIL_LINES) console.log(`    … ${detail.length - DETAIL_LINES} more lines`)
}
for (const { file, failures: first } of shaky) {
  console.log(`\nneeded a second run: ${file}`)
  for (const { path, detail } of first)
    console.log(`    ✗ ${path.join(' › ')}\n      ${detail.slice(0, 6).join('\n      ')}`)
}
if (totals.skipped > 0) console.log(`\n${totals.skipped} skipped`)
console.log(`\n${totals.passed} passed, ${totals.failed} failed`)
process.exitCode = totals.failed > 0 ? 1 : 0
