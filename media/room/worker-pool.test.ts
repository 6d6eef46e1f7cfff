import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { Desk, openPool, silentLogger, told } from './fixtures/desk.ts'
import { WorkerPool } from './worker-pool.ts'

const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

t.test('[MR11] a worker that dies is replaced; its rooms are told, others live on', async t => {
  const pool = await openPool(2)
  t.teardown(() => pool.close())
  const [doomed, spared] = [await Desk.open(pool), await Desk.open(pool)]
  t.same(
    pool.stats().workers.map(worker => worker.rooms),
    [1, 1],
    'rooms are spread',
  )
  const [first, second] = pool.stats().workers
  if (first === undefined || second === undefined) throw new Error('two workers were asked for')
  const voice = await doomed.caller('PCMU', 77)
  const deaths: number[] = []
  pool.onDied(death => deaths.push(death.pid))
  const died = told(doomed.room, 'workerDied')
  process.kill(first.pid, 'SIGKILL')
  await died
  t.same(deaths, [first.pid])
  t.equal(doomed.room.closed, true)
  t.equal(spared.room.closed, false)
  voice.send(Buffer.alloc(172, 0x80))
  await voice.pause()
  await t.rejects(doomed.caller('PCMU', 78), { name: 'RoomError', trouble: 'closed' })
  const replacement = await Desk.open(pool)
  await replacement.caller('PCMU', 77)
  while (pool.stats().alive < 2) await delay(20)
  t.notSame(
    pool
      .stats()
      .workers.map(worker => worker.pid)
      .toSorted(),
    [first.pid, second.pid].toSorted(),
  )
  t.match(pool.stats(), { alive: 2, deaths: 1, rooms: 2 })
  t.equal((await pool.usage()).length, 2)
})

t.test('[MR11] with its only worker dead, a new room waits for the replacement', async t => {
  const pool = await openPool(1)
  t.teardown(() => pool.close())
  const desk = await Desk.open(pool)
  const died = told(desk.room, 'workerDied')
  process.kill(pool.stats().workers[0]?.pid ?? 0, 'SIGKILL')
  await died
  t.equal(pool.stats().alive, 0)
  const next = await Desk.open(pool)
  t.equal(next.room.closed, false)
})

t.test('[MR12] close ends every worker process, and rooms are closed with them', async t => {
  const pool = await openPool(1)
  const desk = await Desk.open(pool)
  const { pid } = pool.stats().workers[0] ?? { pid: 0 }
  t.ok(alive(pid))
  desk.room.close()
  desk.room.close()
  t.equal(pool.stats().rooms, 0)
  await pool.close()
  t.notOk(alive(pid))
  await t.rejects(Desk.open(pool), { name: 'RoomError', trouble: 'no-worker' })
})

t.test('[MR13] a listening address no browser could reach, or a taken port, stops the start', async t => {
  const rtc = { listenIp: '0.0.0.0', portRange: { min: 42_000, max: 48_999 } }
  await t.rejects(WorkerPool.create({ workers: 1, rtc, logger: silentLogger }), /announced address/)
  const port = 49_000 + Math.floor(Math.random() * 900)
  const fixed = { listenIp: '127.0.0.1', port }
  const pool = await WorkerPool.create({ workers: 1, rtc: fixed, logger: silentLogger })
  t.teardown(() => pool.close())
  await t.rejects(WorkerPool.create({ workers: 1, rtc: fixed, logger: silentLogger }))
})
