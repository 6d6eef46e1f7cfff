import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PhoneCall } from './phone-call.ts'
import { looped } from './sample-source.ts'
import { parseSipAddress } from './sip-address.ts'
import { SipPhone } from './sip-phone.ts'
import { readWav } from './wav.ts'

const CALL_AGAIN_MS = 10_000
const RING_TIMEOUT_MS = 10 * 60_000
const SPEECH_PAUSE_MS = 3000
/** How long a BYE or CANCEL may wait for its reply before the phone is switched off. */
const GOODBYE_MS = 2000

/** The members of a pino logger used here. */
export type CallerLogger = { info(fields: object, message: string): void; warn(fields: object, message: string): void }
export type SimulatedCallerOptions = {
  /** Where to call, for example `sip:127.0.0.1:5060`; a user part becomes the dialled number. */
  readonly sipAddress: string
  readonly logger: CallerLogger
  /** Made-up numbers from the range reserved for fiction; not a person's. */
  readonly number?: string
  readonly dialled?: string
  readonly callAgainMs?: number
}
export type SimulatedCaller = { close(): Promise<void> }

/**
 * Calls the server like a customer would, speaks (a recording made by a speech synthesiser, sent as RTP), and calls in
 * again ten seconds after each call. Runs until `close()`, which hangs up first.
 */
export async function startSimulatedCaller(options: SimulatedCallerOptions): Promise<SimulatedCaller> {
  const { logger } = options
  const { user, ...server } = parseSipAddress(options.sipAddress)
  const says = looped(readWav(await readFile(join(import.meta.dirname, 'speech.wav'))), SPEECH_PAUSE_MS)
  const stopped = new AbortController()
  const say = (message: string, fields: object = {}) =>
    logger.info({ simulated: true, ...fields }, `simulated caller: ${message}`)
  let current: { readonly phone: SipPhone; readonly call: PhoneCall } | undefined

  async function callOnce(): Promise<void> {
    const phone = await SipPhone.create({ server, number: options.number ?? '02155500815' })
    try {
      const call = await phone.call(user ?? options.dialled ?? '4008000000', { says })
      current = { phone, call }
      say('a SIP call with real RTP is ringing; the person is not real. Answer it in the workbench')
      const ringTimer = setTimeout(() => call.cancel(), RING_TIMEOUT_MS)
      const answered = call.answered.then(() => {
        clearTimeout(ringTimer)
        say(
          'answered; you hear synthetic speech. Now press "send code" and open its link in another window or on a phone',
        )
      })
      answered.catch(() => clearTimeout(ringTimer))
      const end = await call.ended
      say('the call is over', { by: end.by, status: end.status })
    } finally {
      current = undefined
      phone.close()
    }
  }

  async function run(): Promise<void> {
    while (!stopped.signal.aborted) {
      await callOnce().catch((error: unknown) =>
        logger.warn({ simulated: true, err: error }, 'simulated caller: no call'),
      )
      if (!stopped.signal.aborted) await pause(options.callAgainMs ?? CALL_AGAIN_MS, stopped.signal)
    }
  }
  const running = run()

  return {
    async close() {
      if (!stopped.signal.aborted) {
        stopped.abort()
        const last = current
        // A server that stops at the same moment may never reply.
        const giveUp = setTimeout(() => last?.phone.close(), GOODBYE_MS)
        if (last?.call.statuses.some(status => status >= 200)) void last.call.hangUp()
        else last?.call.cancel()
        await running
        clearTimeout(giveUp)
      }
      await running
    },
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  signal.addEventListener('abort', () => resolve(), { once: true })
  return promise.finally(() => clearTimeout(timer))
}
