import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import t from 'tap'

const START = pathToFileURL(join(import.meta.dirname, 'start.mjs')).href
type Teardown = { teardown(task: () => void): unknown }
const LIMIT_MS = 10_000

/** Runs `server` (a script) the way start.mjs runs the real one. Ends with the server's status. */
async function started(t: Teardown, server: string) {
  const folder = mkdtempSync(join(tmpdir(), 'tongping-bs-'))
  const [script, notes, starter] = ['server.mjs', 'notes.txt', 'starter.mjs'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ]
  const prelude = `import { appendFileSync } from 'node:fs'
const note = text => appendFileSync(${JSON.stringify(notes)}, text + '\\n')\n`
  writeFileSync(script, `${prelude}${server}\nnote('up ' + process.pid)\n`)
  writeFileSync(
    starter,
    `import { runServer } from ${JSON.stringify(START)}
process.exitCode = await runServer({ nodePath: process.execPath, args: [${JSON.stringify(script)}], env: {} })\n`,
  )
  const parent = spawn(process.execPath, [starter], { stdio: 'ignore', detached: true })
  const read = () => {
    try {
      return readFileSync(notes, 'utf8').trim().split('\n')
    } catch {
      return []
    }
  }
  const noted = async (what: string) => {
    for (const end = Date.now() + LIMIT_MS; Date.now() < end; await delay(20)) {
      const line = read().find(one => one.startsWith(what))
      if (line !== undefined) return line
    }
    throw new Error(`the server never noted "${what}"; it noted ${read().join(', ')}`)
  }
  const serverPid = Number((await noted('up')).split(' ')[1])
  t.teardown(() => {
    for (const pid of [parent.pid, serverPid]) {
      try {
        process.kill(pid ?? 0, 'SIGKILL')
      } catch {}
    }
  })
  return { parent, serverPid, read, noted }
}
const statusOf = async (child: ChildProcess) => (await once(child, 'exit'))[0] as number | null

t.test('[BS15] the server’s exit status is kept', async t => {
  const { parent } = await started(t, `setTimeout(() => process.exit(7), 200)`)
  t.equal(await statusOf(parent), 7)
})

t.test('[BS15] Ctrl+C in the terminal reaches the server once, however often it arrives', async t => {
  const { parent, read } = await started(
    t,
    `const alive = setInterval(() => {}, 1000)
process.on('SIGINT', () => { note('SIGINT'); setTimeout(() => clearInterval(alive), 300) })`,
  )
  const ended = statusOf(parent)
  // As a terminal does: to the whole group of the script; and once more, as npm does.
  process.kill(-(parent.pid ?? 0), 'SIGINT')
  await delay(50)
  parent.kill('SIGINT')
  t.equal(await ended, 0)
  t.equal(read().filter(line => line === 'SIGINT').length, 1)
})

t.test('[BS15] SIGTERM, then SIGINT: both are passed on, in order', async t => {
  const { parent, read, noted } = await started(
    t,
    `const alive = setInterval(() => {}, 1000)
process.on('SIGTERM', () => note('SIGTERM'))
process.on('SIGINT', () => { note('SIGINT'); clearInterval(alive) })`,
  )
  const ended = statusOf(parent)
  parent.kill('SIGTERM')
  await noted('SIGTERM')
  parent.kill('SIGINT')
  t.equal(await ended, 0)
  t.same(read().slice(1), ['SIGTERM', 'SIGINT'])
})

t.test('[BS16] a killed script leaves no server behind: it stops as on SIGINT', async t => {
  const { parent, noted } = await started(
    t,
    `const alive = setInterval(() => {}, 1000)
process.on('SIGINT', () => { note('SIGINT'); clearInterval(alive) })
process.on('exit', () => note('ended'))`,
  )
  parent.kill('SIGKILL')
  await noted('SIGINT')
  t.ok(await noted('ended'))
})

t.test('[BS16] the channel to the script does not keep a finished server alive', async t => {
  const { parent } = await started(t, `setTimeout(() => {}, 100)`)
  t.equal(await statusOf(parent), 0)
})
