import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeWav } from '../../../scripts/simulated-caller/wav.ts'
import { freePort } from '../free-port.ts'
import { dominantHz, shareOf } from '../tone.ts'
import { until } from '../until.ts'
import { PeerProcess } from './peer-process.ts'

type Codec = 'opus' | 'PCMU' | 'PCMA' | 'G722'
type LinphoneOptions = {
  readonly number?: string
  /** The tone it speaks. */
  readonly saysHz: number
  readonly transport?: 'udp' | 'tcp' | 'tls'
  /** Best first; none left out is offered. */
  readonly codecs?: readonly Codec[]
  readonly mediaEncryption?: 'none' | 'srtp' | 'zrtp'
  readonly answers?: 'manual' | 'auto'
  /** More lines of sections of its configuration, as `[sip]` → lines. */
  readonly config?: Readonly<Record<string, readonly string[]>>
}

const RATE_HZ = 16_000
const SAYS = 'says.wav'
const EAR = 'ear.wav'
const LOG = 'linphone.log'
const CODECS = { opus: ['48000', '2'], PCMU: ['8000', '1'], PCMA: ['8000', '1'], G722: ['8000', '1'] }
const EAR_HZ = { opus: 48_000, PCMU: 8000, PCMA: 8000, G722: 16_000 }
const UNWANTED = [
  ['speex', '8000'],
  ['speex', '16000'],
  ['speex', '32000'],
  ['G729', '8000'],
]

/**
 * linphonec, a telephone not of our making, driven by the lines it reads. It speaks from a file and hears into one; no sound
 * card is needed.
 */
export class Linphone {
  readonly sipPort: number
  readonly number: string
  readonly process: PeerProcess
  readonly #transport: string
  /** It writes down what it hears at the rate of the codec. */
  readonly #earHz: number

  private constructor(o: { sipPort: number; number: string; transport: string; process: PeerProcess; earHz: number }) {
    this.sipPort = o.sipPort
    this.number = o.number
    this.#transport = o.transport
    this.#earHz = o.earHz
    this.process = o.process
  }

  static async start(o: LinphoneOptions): Promise<Linphone> {
    const sipPort = await freePort()
    const number = o.number ?? '13900139007'
    const transport = o.transport ?? 'udp'
    const samples = Int16Array.from({ length: RATE_HZ * 2 }, (_, index) =>
      Math.round(8000 * Math.sin((2 * Math.PI * o.saysHz * index) / RATE_HZ)),
    )
    const process = await PeerProcess.start({
      program: 'linphonec',
      debianPackage: 'linphone-cli',
      listens: true,
      files: {
        config: configOf(o, { sipPort, number, transport }),
        [SAYS]: writeWav({ sampleRateHz: RATE_HZ, samples }),
      },
      args: folder => [
        ...['-c', join(folder, 'config'), '-d', '6', '-l', join(folder, LOG)],
        ...(o.answers === 'auto' ? ['-a'] : []),
      ],
    })
    const made = new Linphone({ sipPort, number, transport, process, earHz: EAR_HZ[o.codecs?.[0] ?? 'PCMA'] })
    await process.ready('its SIP port', async () => /Creating listening point/.test(await made.log()))
    process.say('soundcard use files')
    process.say(`play ${join(process.folder, SAYS)}`)
    process.say(`record ${join(process.folder, EAR)}`)
    return made
  }

  /** What it says next that matches. */
  async says(what: RegExp, since = 0): Promise<void> {
    await until(`${what} of linphone`, () => what.test(this.process.output.slice(since)))
  }
  get saidSoFar(): number {
    return this.process.output.length
  }
  say(line: string): void {
    this.process.say(line)
  }
  /** Calls; resolves when the call is up at this end. */
  async call(uri: string): Promise<void> {
    const since = this.saidSoFar
    this.say(`call ${uri}`)
    await this.says(/Media streams established/, since)
  }
  /** Resolves when somebody calls it. */
  async rings(): Promise<void> {
    await this.says(/Receiving new incoming call/)
  }
  async accept(): Promise<void> {
    this.say('answer')
  }
  /** The address of a number at a server, over this phone's transport. */
  uriAt(server: { sipHost: string; sipPort: number }, number: string): string {
    return `sip:${number}@${server.sipHost}:${server.sipPort};transport=${this.#transport}`
  }

  /** Resolves when half a second of what it hears from now on is mostly that tone. */
  async hears(hz: number): Promise<number> {
    const from = (await this.#ear()).length
    return until(
      `${hz} Hz at linphone`,
      async () => {
        const bytes = (await this.#ear()).subarray(from + (from & 1))
        const samples = Int16Array.from({ length: bytes.length >> 1 }, (_, at) => bytes.readInt16LE(at * 2))
        const last = samples.subarray(-this.#earHz / 2)
        if (last.length < this.#earHz / 2) return undefined
        const strongest = dominantHz(last, this.#earHz)
        return strongest && Math.abs(strongest - hz) <= 20 && shareOf(hz, last, this.#earHz) > 0.6 && strongest
      },
      { everyMs: 100 },
    )
  }
  log(): Promise<string> {
    return readFile(join(this.process.folder, LOG), 'utf8').catch(() => '')
  }
  async close(): Promise<void> {
    await this.process.close()
  }

  #ear(): Promise<Buffer> {
    return readFile(join(this.process.folder, EAR)).catch(() => Buffer.alloc(0))
  }
}

function configOf(o: LinphoneOptions, at: { sipPort: number; number: string; transport: string }): string {
  const ports = ['udp', 'tcp', 'tls'].map(
    name => `sip_${name === 'udp' ? '' : `${name}_`}port=${name === at.transport ? at.sipPort : 0}`,
  )
  const sections: Record<string, readonly string[]> = {
    sip: [
      ...ports,
      `contact=sip:${at.number}@127.0.0.1`,
      'guess_hostname=0',
      'use_ipv6=0',
      'auto_net_state_mon=0',
      'verify_server_certs=0',
      'verify_server_cn=0',
      `media_encryption=${o.mediaEncryption ?? 'none'}`,
      ...(o.mediaEncryption && o.mediaEncryption !== 'none' ? ['media_encryption_mandatory=1'] : []),
      ...(o.config?.sip ?? []),
    ],
    rtp: [`audio_rtp_port=-1`, ...(o.config?.rtp ?? [])],
    sound: ['echocancellation=0', ...(o.config?.sound ?? [])],
    video: ['enabled=0', 'display=0', 'capture=0'],
    // Without a place for its database it does not start, and says nothing of it.
    storage: ['uri=linphone.db'],
    net: ['firewall_policy=0', ...(o.config?.net ?? [])],
    misc: [...(o.config?.misc ?? [])],
  }
  const codecs = o.codecs ?? ['PCMA', 'PCMU']
  const all = [
    ...codecs.map(codec => ({ mime: codec, rate: CODECS[codec][0], channels: CODECS[codec][1], enabled: 1 })),
    ...Object.entries(CODECS)
      .filter(([mime]) => !codecs.includes(mime as Codec))
      .map(([mime, [rate, channels]]) => ({ mime, rate, channels, enabled: 0 })),
    ...UNWANTED.map(([mime, rate]) => ({ mime, rate, channels: '1', enabled: 0 })),
  ]
  all.forEach((codec, index) => {
    sections[`audio_codec_${index}`] = [
      `mime=${codec.mime}`,
      `rate=${codec.rate}`,
      `channels=${codec.channels}`,
      `enabled=${codec.enabled}`,
    ]
  })
  return Object.entries(sections)
    .map(([name, lines]) => [`[${name}]`, ...lines, ''].join('\n'))
    .join('\n')
}
