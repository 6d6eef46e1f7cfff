/**
 * The review console on an archive of many calls: searching, opening with verification, memory.
 *
 *   node scripts/bench/review.ts [calls=500] [rounds=40] [large=3] [folder=/tmp]
 *
 * Every call is made by the recorder that calls use (two voices, camera, pictures, journal, seal), then asked for over HTTP by a
 * signed-in reviewer. The packets, pictures and texts are made up. Calls last 30 s with 20 s of camera; the large ones 30 min with
 * 10 min of camera and 5,000 entries of drawing (20 min of pointer). It removes its files afterwards.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { reviewServer } from '../../server/review/harness/review-server.ts'
import type { JournalEvent } from '../../signaling/protocol/journal-entry.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import type { CallPage, OpenedRecord, Verification } from '../../signaling/protocol/review.ts'
import { seededRandom } from '../../test/harness/seeded-random.ts'
import { printTable, type Row, round, spreadCells, surroundings, writeReport } from './report.ts'

const [calls = 500, rounds = 40, large = 3] = process.argv.slice(2, 5).map(Number)
const before = surroundings()
const dataDir = await mkdtemp(join(process.argv[5] ?? '/tmp', 'bench-review-'))
const random = seededRandom(20261126)
const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T
const digits = (n: number) => Array.from({ length: n }, () => Math.floor(random() * 10)).join('')

const WORDS =
  '空调 型号 序列号 身份证 号码 故障 代码 压缩机 室外机 温度 显示 面板 遥控器 电源 制冷 安装 维修 保修 发票 地址 客户 确认 电压 频率 功率 water heater serial model error'.split(
    ' ',
  )
const AGENTS = Array.from({ length: 12 }, (_, n) => ({ id: newId('user'), name: `坐席${n + 1}` }))
const text = () =>
  Array.from({ length: 60 }, () => (random() < 0.2 ? digits(6) : pick(WORDS))).join(random() < 0.5 ? ' ' : '')

function drawing(entries: number): JournalEvent[] {
  const by = newId('part')
  return Array.from({ length: entries }, (_, n): JournalEvent => {
    if (n % 40 === 0)
      return {
        type: 'mark.begun',
        by,
        on: 'live',
        mark: { id: newId('mark'), colour: 'red', shape: 'pen', points: [[random(), random()]] },
      }
    const points = Array.from({ length: 6 }, (_, k): [number, number, number] => [random(), random(), k * 40])
    return { type: 'pointer.moved', by, on: 'live', points }
  })
}

const server = await reviewServer({ dataDir })
try {
  const startedMs = performance.now()
  const degraded: string[] = []
  const ids: string[] = []
  for (let n = 0; n < calls; n++) {
    const { callId, manifest } = await server.record({
      from: `138${digits(8)}`,
      agent: pick(AGENTS),
      scenario: pick(['repair', 'claims', 'bank']),
      answeredAt: new Date(Date.UTC(2026, 0, 1) + n * 3_600_000).toISOString(),
      seconds: 30,
      cameraSeconds: 20,
      pictures: n === 250 ? ['独角兽 UNICORN-7 型号', text(), text()] : [text(), text(), text()],
      events: [
        ...(n % 3 === 0
          ? ([
              { type: 'voice.held', by: 'caller' },
              { type: 'voice.retrieved', by: 'caller' },
            ] as const)
          : []),
        ...drawing(300),
      ],
    })
    degraded.push(...manifest.remarks)
    ids.push(callId)
  }
  const largeIds: string[] = []
  let largeBytes = 0
  for (let n = 0; n < large; n++) {
    const { callId, manifest } = await server.record({
      from: `138${digits(8)}`,
      answeredAt: new Date(Date.UTC(2026, 5, 1 + n)).toISOString(),
      seconds: 1800,
      cameraSeconds: 600,
      pictures: [text()],
      events: drawing(5_000),
    })
    degraded.push(...manifest.remarks)
    largeIds.push(callId)
    largeBytes += manifest.files.reduce((sum, file) => sum + file.bytes, 0)
  }
  const madeInS = (performance.now() - startedMs) / 1000
  const reviewer = await server.reviewer('bench', [])

  const QUERIES: Readonly<Record<string, () => string>> = {
    'newest, no filter': () => '',
    'newest, with count': () => 'count=1',
    'number, whole': () => `number=138${digits(8)}`,
    'number, four digits inside': () => `number=${digits(4)}`,
    'text, one call has it (Chinese, 3 letters)': () => `text=${encodeURIComponent('独角兽')}`,
    'text, Chinese, 2 letters (no trigram)': () => `text=${encodeURIComponent(pick(['压缩', '身份', '独角']))}`,
    'text, Chinese word most have': () => `text=${encodeURIComponent(pick(['压缩机', '室外机', '序列号']))}`,
    'text, six digits': () => `text=${digits(6)}`,
    'text, two words and a flag': () => `text=${encodeURIComponent('压缩机 serial')}&flags=hold`,
    'agent, time, scenario, flag, camera': () =>
      `agent=${encodeURIComponent('坐席3')}&from=2026-01-05T00:00:00Z&to=2026-02-01T00:00:00Z&scenario=repair&withoutFlags=hold&camera=1`,
  }
  const searches: Row[] = []
  for (const [what, query] of Object.entries(QUERIES)) {
    const tookMs: number[] = []
    let found = 0
    for (let n = 0; n < rounds; n++) {
      const fromMs = performance.now()
      const page = await reviewer.get<CallPage>(`/calls?${query()}`)
      tookMs.push(performance.now() - fromMs)
      found = page.total ?? page.calls.length
    }
    searches.push({ search: what, ...spreadCells(tookMs), 'found (at most 50 a page)': found })
  }

  const opened: Row[] = []
  const open = async (what: string, list: readonly string[]) => {
    const tookMs: number[] = []
    let verified = 0
    let known = 0
    for (const callId of list) {
      const fromMs = performance.now()
      const { verification } = await reviewer.post<OpenedRecord>(`/calls/${callId}/open`, { reason: 'bench' })
      tookMs.push(performance.now() - fromMs)
      if (verification.state === 'done') verified++
      if (verification.verdict) known++
      while ((await reviewer.get<Verification>(`/calls/${callId}/verification`)).state === 'running')
        await new Promise(resolve => setTimeout(resolve, 20))
    }
    opened.push({
      open: what,
      ...spreadCells(tookMs),
      'verified by then': `${verified}/${list.length}`,
      'verdict shown': known,
    })
  }
  const some = ids.filter((_, n) => n % Math.ceil(ids.length / 100) === 0)
  await open('a call of 30 s, first time', some)
  await open('the same again', some)
  if (large > 0) {
    await open(`large (${round(largeBytes / large / 1e6, 0)} MB, 5,000 entries), first time`, largeIds)
    await open('the same again', largeIds)
    await open('and again', [...largeIds, ...largeIds, ...largeIds])
  }
  globalThis.gc?.()
  const memory = {
    calls: calls + large,
    'made in, s': round(madeInS, 0),
    'RSS MB': round(process.memoryUsage().rss / 1e6, 0),
    'heap MB': round(process.memoryUsage().heapUsed / 1e6, 0),
    'remarks of the recorder': degraded.length,
  }
  printTable(`Searching ${calls + large} calls over HTTP, ms`, searches)
  printTable('Opening over HTTP, verification included up to 300 ms, ms', opened)
  printTable('The process that serves all this', [memory])
  await writeReport('review', { surroundings: before, calls, rounds, searches, opened, memory })
} finally {
  await server.close(true)
  await rm(dataDir, { recursive: true, force: true })
}
