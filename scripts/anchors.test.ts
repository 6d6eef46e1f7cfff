import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { digestHash } from '../recordings/anchor/daily-digest.ts'
import { anchorRig } from '../server/evidence/anchors/anchor-rig.ts'

const SCRIPT = join(import.meta.dirname, 'anchors.ts')
const run = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...args], { encoding: 'utf8' })
  return { status, said: stdout + stderr }
}

t.test('[AN38] the daily chain is checked and printed without the server', async t => {
  const rig = await anchorRig(t)
  const day = new Date(rig.clock.ms).toISOString().slice(0, 10)
  const { index, anchors, close } = await rig.start()
  const callId = await rig.sealCall(index)
  const folder = join(rig.dataDir, 'recordings', day, callId)
  mkdirSync(join(folder, '..'), { recursive: true })
  cpSync(rig.folders.get(callId) ?? '', folder, { recursive: true })
  t.equal(basename(folder), callId)
  rig.nextNight()
  await anchors.tick()
  await close()
  const key = join(rig.dataDir, 'secrets', 'seal-key.pub.pem')
  const check = () => run('check', rig.dataDir, '--published', rig.published, '--key', key)
  const good = check()
  t.equal(good.status, 0, good.said)
  t.match(good.said, /EVERYTHING FITS/)

  const printed = run('print', day, '--data', rig.dataDir)
  const sha256 = digestHash(readFileSync(join(rig.dataDir, 'anchors', `${day}.json`)))
  t.ok(printed.said.replace(/\s/g, '').includes(sha256.toUpperCase()), 'the digest stands there in groups')
  t.match(printed.said, /通话 Calls sealed: 1/)
  t.match(printed.said, /█/)

  const manifest = readFileSync(join(folder, 'manifest.json'))
  writeFileSync(join(folder, 'manifest.json'), `${manifest} `)
  t.match(check(), { status: 1, said: new RegExp(`${callId} has another manifest`) })
  rmSync(folder, { recursive: true })
  t.match(check(), { status: 1, said: new RegExp(`${callId} is gone, without a certificate`) })
  rmSync(join(rig.dataDir, 'anchors'), { recursive: true })
  t.match(check(), { status: 1, said: /was published, but the newest digest here is of no day/ })
  t.match(run('check', rig.dataDir), { status: 1, said: /was made, and is not here any more/ })
  t.equal(run('check').status, 2)
  t.equal(run('print', '2020-01-01', '--data', rig.dataDir).status, 1)
})
