import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import t from 'tap'
import { CephStore, isAlive } from './ceph-store.ts'
import { until } from './until.ts'

t.test('nothing of a Ceph outlives the test that started it, even when that is killed', async t => {
  const holder = spawn(process.execPath, [new URL('./held-ceph.ts', import.meta.url).pathname], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  t.teardown(() => holder.kill('SIGKILL'))
  const [pids] = (await once(holder, 'message')) as [number[]]
  t.equal(pids.length, 3)
  t.ok(pids.every(isAlive))
  holder.kill('SIGKILL')
  await until('its processes to end', async () => !pids.some(isAlive), { timeoutMs: 10_000 })
  t.ok((await readdir(tmpdir())).some(name => name.startsWith(`tongping-ceph-${holder.pid}-`)))
  // The next one takes away what it left behind; without Ceph it fails, and says how to get it.
  const { PATH } = process.env
  process.env.PATH = '/nonexistent:/bin-without-ceph'
  t.teardown(() => {
    process.env.PATH = PATH
  })
  await t.rejects(CephStore.start(), { message: /is missing: apt-get install ceph/ })
  t.notOk((await readdir(tmpdir())).some(name => name.startsWith(`tongping-ceph-${holder.pid}-`)))
})
