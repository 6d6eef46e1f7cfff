import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { answeredCall, talk } from '../recordings/fixture.ts'
import { SealKey } from '../recordings/seal/seal-key.ts'

const SCRIPT = fileURLToPath(new URL('./verify-archive.ts', import.meta.url))

function run(...args: string[]) {
  // No variables at all: it needs nothing of the server.
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...args], { encoding: 'utf8', env: {} })
  return { status, stdout, stderr }
}

t.test('[RE44] the verifier says INTACT or what is wrong where, and its exit code says so too', async t => {
  const call = await answeredCall(t)
  call.answer()
  talk(call, 100)
  await call.archive.seal({ end: { cause: 'caller-hung-up' }, facts: call.facts, key: call.key })
  const { folder } = call.archive
  const key = join(call.root, 'keys/seal-key.pub.pem')
  t.match(run(folder, '--key', key), { status: 0, stdout: /^INTACT\n.*call_[\s\S]*3 files/ })
  t.match(run(folder), { status: 0, stdout: /compare the key id/ })

  await SealKey.loadOrCreate(join(call.root, 'other'))
  t.match(run(folder, '--key', join(call.root, 'other/seal-key.pub.pem')), { status: 1, stdout: /another key/ })

  const track = join(folder, 'tracks/caller-voice-1.rtpj')
  const bytes = readFileSync(track)
  bytes[12_345] = (bytes[12_345] ?? 0) ^ 0x40
  writeFileSync(track, bytes)
  const found = run(folder, '--key', key)
  t.match(found, { status: 1, stdout: /^NOT INTACT\n[\s\S]*first +tracks\/caller-voice-1\.rtpj/ })
  const [, from, to] = /changed between byte (\d+) and byte (\d+)/.exec(found.stdout) ?? []
  t.ok(Number(from) <= 12_345 && 12_345 < Number(to), `${from} to ${to}`)
  t.match(JSON.parse(run(folder, '--json').stdout), { intact: false, problems: [{ kind: 'file-changed' }, {}] })
  t.match(run(), { status: 2, stderr: /usage/ })
  t.match(run(join(call.root, 'nowhere')), { status: 1, stdout: /never sealed/ })
})
