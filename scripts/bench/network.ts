/**
 * The picture on a bad network: how soon it comes, and how soon it is back.
 *
 *   node scripts/bench/network.ts [blackouts=5x8,30x5,120x2] [joins=8] [networks=good,lte,bad] [blackoutNetwork=lte]
 *
 * A real phone page in Chromium behind a user-space network (test/harness/impaired-network.ts: delay, jitter, loss and rate for
 * datagrams and TCP alike; a modelled TCP that wakes from a blackout by its own retries), the real server in this process, a
 * simulated agent. "Picture" is the moment at which the first packet of a key frame, or a still, has reached the agent (for the
 * still: its journal entry): decoding and painting come on top. Page load is from a cold cache, permission for the camera is
 * given by the browser's switch.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Conditions, NETWORKS } from '../../test/harness/impaired/conditions.ts'
import { NetworkCall } from '../../test/harness/network-call.ts'
import { until } from '../../test/harness/until.ts'
import { printTable, type Row, round, spreadCells, surroundings, writeReport } from './report.ts'
import { endAfter } from './time-limit.ts'

type Name = keyof typeof NETWORKS
const blackouts = (process.argv[2] ?? '5x8,30x5,120x2')
  .split(',')
  .filter(part => part !== '' && part !== '0')
  .map(part => part.split('x').map(Number))
const joins = Number(process.argv[3] ?? 8)
const networks = (process.argv[4] ?? 'good,lte,bad').split(',') as Name[]
const blackoutNetwork = (process.argv[5] ?? 'lte') as Name
/** Later than this is a failure, and counted as one. */
const LIMIT_MS = 60_000
/** A person reads before tapping; meanwhile the page loads what comes after the tap. */
const READING_MS = 1_500

type Round = { readonly what: string; readonly ms: Record<string, number | undefined>; readonly error?: string }
const rounds: Round[] = []
const sum = blackouts.reduce((total, [seconds = 0, count = 0]) => total + count * (seconds + 40), 0)
const finished = endAfter((sum + joins * networks.length * 90 + 120) * 1000)
const before = surroundings()
const nameOf = ({ delayMs, lossPercent, upKbps }: Conditions) =>
  `${2 * delayMs} ms, ${lossPercent} %, ${upKbps === undefined ? 'no limit' : `${upKbps} kbit/s`} up`

const call = await NetworkCall.start({ conditions: NETWORKS[networks[0] ?? 'good'] })
try {
  for (const network of networks) {
    call.network.set(NETWORKS[network])
    for (let index = 0; index < joins; index += 1) await attempt(`join ${network}`, joinOnce)
  }
  if (blackouts.length > 0) {
    call.network.set(NETWORKS[blackoutNetwork])
    if (joins === 0) await joinOnce()
    for (const [seconds = 0, count = 0] of blackouts) {
      for (let index = 0; index < count; index += 1) await attempt(`dark ${seconds} s`, () => darkOnce(seconds))
    }
  }
  const rows = tableOf(rounds)
  printTable(`Networks: ${networks.map(network => `${network} (${nameOf(NETWORKS[network])})`).join(', ')}; ms`, rows)
  const part = blackouts.length === 0 ? 'joins' : joins === 0 ? 'blackouts' : 'all'
  await writeReport(`network-${part}`, { surroundings: before, unit: 'ms', table: rows, rounds, networks: NETWORKS })
} finally {
  await call.close()
  finished()
}

async function attempt(what: string, run: () => Promise<Record<string, number | undefined>>): Promise<void> {
  try {
    const ms = await run()
    rounds.push({ what, ms })
    console.log(what, JSON.stringify(ms))
  } catch (error) {
    // A picture that never came is a result too.
    rounds.push({ what, ms: {}, error: String(error) })
    console.log(what, String(error))
  }
}

/** A fresh code on a phone that was never here. */
async function joinOnce(): Promise<Record<string, number | undefined>> {
  const { page } = call.phone
  if ((await call.phone.by('stop').count()) > 0) {
    await call.phone.by('stop').click()
    await call.phone.by('preview').waitFor({ state: 'detached' })
  }
  await page.context().clearCookies()
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Network.clearBrowserCache')
  await devtools.detach()
  await page.goto('about:blank')
  await sleep(500)
  const { link } = await call.agent.sendCode()
  const from = call.entries.length
  const linkMs = performance.now()
  await page.goto(call.network.through(link), { waitUntil: 'commit', timeout: LIMIT_MS })
  await call.phone.by('start-camera').waitFor({ timeout: LIMIT_MS })
  const shownMs = performance.now()
  for (const consent of ['consent-camera', 'consent-recording']) await call.phone.by(consent).check()
  await sleep(READING_MS)
  const tapMs = performance.now()
  await call.phone.by('start-camera').tap()
  const { pictureMs, videoMs } = await pictureAfter(tapMs, from)
  return {
    'link → button': round(shownMs - linkMs, 0),
    'tap → picture': round(pictureMs - tapMs, 0),
    'tap → video': videoMs === undefined ? undefined : round(videoMs - tapMs, 0),
    'link → picture, without reading': round(shownMs - linkMs + pictureMs - tapMs, 0),
  }
}

/** A blackout, and how long after it the picture is back. */
async function darkOnce(seconds: number): Promise<Record<string, number | undefined>> {
  await until('video before the blackout', () => call.view?.rung !== 'slow-scan' && recent(call.lastVideoAtMs), {
    timeoutMs: LIMIT_MS,
  })
  await sleep(3_000)
  const from = call.entries.length
  const lightMs = await call.network.blackout(seconds * 1000)
  const { pictureMs, videoMs } = await pictureAfter(lightMs, from)
  return {
    'network → picture': round(pictureMs - lightMs, 0),
    'network → video': videoMs === undefined ? undefined : round(videoMs - lightMs, 0),
  }
}

function recent(atMs: number): boolean {
  return performance.now() - atMs < 1_000
}

/** The first key frame or still after a moment; and the first key frame, if it comes within the limit. */
async function pictureAfter(sinceMs: number, from: number) {
  let stillMs: number | undefined
  let videoMs: number | undefined
  const seen = () => {
    stillMs ??= call.entries.slice(from).some(entry => entry.type === 'scan.frame') ? performance.now() : undefined
    if (call.lastKeyFrameAtMs > sinceMs) videoMs ??= call.lastKeyFrameAtMs
    return { any: stillMs !== undefined || videoMs !== undefined, video: videoMs !== undefined }
  }
  await until('a picture', () => seen().any, {
    timeoutMs: LIMIT_MS,
    everyMs: 5,
  })
  const pictureMs = Math.min(stillMs ?? Number.POSITIVE_INFINITY, videoMs ?? Number.POSITIVE_INFINITY)
  await until('video', () => seen().video, { timeoutMs: LIMIT_MS / 2, everyMs: 5 }).catch(() => {})
  return { pictureMs, videoMs }
}

function tableOf(all: readonly Round[]): Row[] {
  const names = [...new Set(all.map(one => one.what))]
  return names.flatMap(what => {
    const own = all.filter(one => one.what === what)
    const failures = own.filter(one => one.error !== undefined).length
    const stages = [...new Set(own.flatMap(one => Object.keys(one.ms)))]
    return stages.map(stage => {
      const values = own.map(one => one.ms[stage]).filter(value => value !== undefined)
      return { what, stage, ...spreadCells(values, 0), failures }
    })
  })
}
