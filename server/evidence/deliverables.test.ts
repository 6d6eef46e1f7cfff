import { chmod, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { answeredCall, quietLog, temporaryFolder } from '../../recordings/fixture.ts'
import { beepingVoice, FFMPEG, play } from '../../recordings/mux/fixture.ts'
import { Muxer } from '../../recordings/mux/muxer.ts'
import { WorkFolder } from '../../recordings/vault/work-folder.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { RecordJob } from '../../signaling/protocol/record-job.ts'
import { until } from '../../test/harness/until.ts'
import { Events } from '../events.ts'
import { createLogger } from '../logger.ts'
import { type Database, openDatabase } from '../store/database.ts'
import { JobStore } from '../store/job-store.ts'
import { Deliverables } from './deliverables.ts'

t.setTimeout(120_000)

type Test = { teardown(fn: () => unknown): void }

/** A sealed call of ten seconds. */
async function sealedCall(t: Test) {
  const call = await answeredCall(t)
  call.answer()
  const { archive } = call
  await play(call.clock, beepingVoice({ archive, track: 'caller-voice', fromMs: 0, toMs: 10_000, delayMs: () => 20 }))
  await archive.seal({ end: { cause: 'caller-hung-up' }, facts: call.facts, key: call.key })
  const derived = async () => (await readdir(join(archive.folder, 'derived')).catch(() => [])).sort()
  return { callId: call.callId, folder: archive.folder, derived }
}

/** A start of the server, as far as deliverables are concerned. */
async function opened(t: Test, o: { db: Database; folder: string; ffmpegBin?: string; retryAfterMs?: number[] }) {
  const work = await WorkFolder.open(await temporaryFolder(t))
  const muxer = Muxer.create({ ffmpegBin: o.ffmpegBin ?? FFMPEG, logger: quietLog, work })
  const states: string[] = []
  const events = new Events(createLogger({ level: 'silent' }))
  const deliverables = new Deliverables({
    ...{ muxer, store: new JobStore(o.db), events },
    ref: async () => ({ kind: 'plain', folder: o.folder }),
    onReplay: async (_callId: CallId, state) => void states.push(state),
    retryAfterMs: o.retryAfterMs ?? [20, 20],
  })
  t.teardown(() => deliverables.close())
  return { deliverables, states, muxer, events }
}

async function database(t: Test) {
  const db = await openDatabase(':memory:')
  t.teardown(() => db.close())
  return db
}

const settled = (deliverables: Deliverables, callId: CallId) =>
  until<RecordJob>(
    'a job that is done or has failed',
    async () => (await deliverables.jobsOf(callId)).find(job => job.state === 'done' || job.state === 'failed'),
    { timeoutMs: 40_000, everyMs: 30 },
  )

t.test('[DL8] a job that fails is tried a bounded number of times, marked, and may be started anew', async t => {
  const { callId, folder, derived } = await sealedCall(t)
  // Fails twice, then works: what it did before stands in a file.
  const tries = join(await temporaryFolder(t), 'tries')
  const flaky = `${tries}.sh`
  await writeFile(
    flaky,
    `#!/bin/sh\necho x >> ${tries}\n[ "$(wc -l < ${tries})" -gt 2 ] || exit 9\nexec ${FFMPEG} "$@"\n`,
  )
  await chmod(flaky, 0o755)
  const db = await database(t)
  const first = await opened(t, { db, folder, ffmpegBin: flaky, retryAfterMs: [20] })
  await first.deliverables.start(callId, 'replay')
  t.match(await settled(first.deliverables, callId), { state: 'failed', attempts: 2, failure: 'ffmpeg-failed' })
  t.strictSame(first.states, ['mux-failed'])
  t.strictSame(await derived(), [], 'nothing stands under a final name')
  t.equal((await readFile(tries, 'utf8')).length, 4, 'two attempts, not more')

  t.match(await first.deliverables.start(callId, 'replay'), { state: 'waiting', attempts: 0 })
  t.match(await settled(first.deliverables, callId), { state: 'done', progress: 1, file: 'derived/replay.webm' })
  t.strictSame(first.states, ['mux-failed', 'muxed'])
  t.ok((await derived()).includes('replay.webm'))
})

t.test('[DL9] asked for twice is one job; what a restart finds pending is taken up', async t => {
  const { callId, folder, derived } = await sealedCall(t)
  const db = await database(t)
  const first = await opened(t, { db, folder })
  await Promise.all([first.deliverables.start(callId, 'replay'), first.deliverables.start(callId, 'replay')])
  await first.deliverables.start(callId, 'replay')
  t.match(first.muxer.stats, { waiting: 0, running: 1 })
  await first.deliverables.close()
  t.strictSame(await derived(), [])
  t.match(await first.deliverables.jobsOf(callId), [{ kind: 'replay', state: 'waiting' }], 'still to be done')

  const second = await opened(t, { db, folder })
  await second.deliverables.resume()
  t.match(await settled(second.deliverables, callId), { state: 'done', attempts: 1 })
  t.strictSame(second.states, ['muxed'])
})

t.test('[DL15] the metrics tell how many jobs run and how many wait', async t => {
  const { callId, folder } = await sealedCall(t)
  const { deliverables, events } = await opened(t, { db: await database(t), folder })
  const told = async () =>
    (await events.registry.metrics()).split('\n').filter(line => line.startsWith('tongping_derivatives{'))
  await Promise.all([deliverables.start(callId, 'replay'), deliverables.start(callId, 'mp4')])
  t.strictSame(await told(), ['tongping_derivatives{state="waiting"} 1', 'tongping_derivatives{state="running"} 1'])
  await deliverables.forget(callId)
  t.strictSame(await told(), ['tongping_derivatives{state="waiting"} 0', 'tongping_derivatives{state="running"} 0'])
})

t.test('[DL10] a record that goes ends its jobs first, and they are forgotten', async t => {
  const { callId, folder, derived } = await sealedCall(t)
  const db = await database(t)
  const { deliverables, states, muxer } = await opened(t, { db, folder })
  await deliverables.start(callId, 'replay')
  await until('a running job', async () => (await deliverables.jobsOf(callId)).find(job => job.state === 'running'))
  await deliverables.forget(callId)
  t.match(muxer.stats, { waiting: 0, running: 0 })
  t.strictSame(await deliverables.jobsOf(callId), [])
  await sleep(300)
  t.strictSame(await derived(), [])
  t.strictSame(states, [])
})

t.test('[DL14] progress is told with the time it will still take, and never falls', async t => {
  const { callId, folder } = await sealedCall(t)
  const db = await database(t)
  const { deliverables } = await opened(t, { db, folder })
  await deliverables.start(callId, 'replay')
  const seen: RecordJob[] = []
  await until(
    'the end',
    async () => {
      const [job] = await deliverables.jobsOf(callId)
      if (job !== undefined) seen.push(job)
      return job?.state === 'done'
    },
    { timeoutMs: 40_000, everyMs: 5 },
  )
  const progress = seen.map(job => job.progress)
  t.ok(new Set(progress).size > 3, `${new Set(progress).size} steps`)
  t.strictSame(
    progress,
    progress.toSorted((a, b) => a - b),
  )
  t.ok(seen.some(job => job.state === 'running' && (job.etaMs ?? 0) > 0))
})
