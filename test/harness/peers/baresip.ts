import { freePort } from '../free-port.ts'
import { dominantHz, shareOf } from '../tone.ts'
import { until } from '../until.ts'
import { BaresipControl, type BaresipEvent } from './baresip-control.ts'
import { GrowingWav } from './growing-wav.ts'
import { PeerProcess } from './peer-process.ts'

export type BaresipOptions = {
  readonly number?: string
  /** The tone it speaks. */
  readonly saysHz: number
  readonly transport?: 'udp' | 'tcp' | 'tls'
  /** As baresip writes them, best first: `pcma`, `pcmu`, `g722`, `opus/48000/2`. */
  readonly codecs?: readonly string[]
  /** `srtp` offers RTP/AVP with keys, `srtp-mand` RTP/SAVP. */
  readonly mediaEncryption?: 'srtp' | 'srtp-mand'
  /** A registrar and outbound proxy; without one it only calls and is called at its own address. */
  readonly registrar?: { readonly host: string; readonly port: number }
  /** How calls to it are taken. */
  readonly answers?: 'manual' | 'auto'
  /** More lines of its configuration file. */
  readonly config?: readonly string[]
}

/**
 * baresip, a telephone not of our making. Its microphone is a sine, its ear a file, and it is driven over its control
 * connection.
 */
export class Baresip {
  readonly sipPort: number
  readonly number: string
  readonly control: BaresipControl
  readonly process: PeerProcess
  readonly #ear: GrowingWav
  readonly #transport: string

  private constructor(o: {
    sipPort: number
    number: string
    transport: string
    control: BaresipControl
    process: PeerProcess
  }) {
    this.sipPort = o.sipPort
    this.number = o.number
    this.#transport = o.transport
    this.control = o.control
    this.process = o.process
    this.#ear = new GrowingWav(o.process.folder, '-dec.wav')
  }

  static async start(o: BaresipOptions): Promise<Baresip> {
    const sipPort = await freePort()
    const controlPort = await freePort()
    const number = o.number ?? '13900139001'
    const transport = o.transport ?? 'udp'
    const domain = o.registrar ? `${o.registrar.host}:${o.registrar.port}` : '127.0.0.1'
    const account = [
      `<sip:${number}@${domain};transport=${transport}>`,
      `answermode=${o.answers ?? 'manual'}`,
      `audio_codecs=${(o.codecs ?? ['pcma', 'pcmu']).join(',')}`,
      `regint=${o.registrar ? 600 : 0}`,
      ...(o.mediaEncryption ? [`mediaenc=${o.mediaEncryption}`] : []),
      ...(o.registrar ? ['auth_pass=none', `outbound="sip:${domain};transport=${transport}"`] : []),
    ].join(';')
    const process = await PeerProcess.start({
      program: 'baresip',
      debianPackage: 'baresip-core',
      files: { config: configOf(o, sipPort, controlPort), accounts: `${account}\n`, contacts: '' },
      args: folder => ['-f', folder, '-p', '/usr/share/baresip'],
    })
    let control: BaresipControl | undefined
    await process.ready('its control connection', async () => {
      control = await BaresipControl.connect(controlPort).catch(() => undefined)
      return control !== undefined
    })
    if (!control) throw new Error('no control connection')
    return new Baresip({ sipPort, number, transport, control, process })
  }

  /** Calls; resolves when the call is up at this end. */
  async call(uri: string, o: { whileRinging?: () => Promise<void> } = {}): Promise<void> {
    const since = this.control.events.length
    await this.control.command('dial', uri)
    await this.control.event('CALL_RINGING', { since })
    await o.whileRinging?.()
    await this.control.event('CALL_ESTABLISHED', { since })
  }
  /** The address of a number at a server, over this phone's transport. */
  uriAt(server: { sipHost: string; sipPort: number }, number: string): string {
    return `sip:${number}@${server.sipHost}:${server.sipPort};transport=${this.#transport}`
  }
  async hangUp(): Promise<void> {
    await this.control.command('hangup')
  }
  async hold(): Promise<void> {
    await this.control.command('hold')
  }
  async resume(): Promise<void> {
    await this.control.command('resume')
  }
  /** Presses a key as long as a finger does. */
  async press(digit: string): Promise<void> {
    await this.control.command('sndcode', digit)
  }
  ended(since = 0): Promise<BaresipEvent> {
    return this.control.event('CALL_CLOSED', { since })
  }

  /** Resolves when its ear has heard mostly that tone for the last half second. */
  hears(hz: number, o: { timeoutMs?: number; windowMs?: number } = {}): Promise<number> {
    const windowMs = o.windowMs ?? 500
    return until(
      `${hz} Hz at baresip`,
      async () => {
        const heard = await this.#ear.newest(windowMs)
        if (!heard || heard.samples.length < (windowMs * heard.sampleRateHz) / 1000) return undefined
        const strongest = dominantHz(heard.samples, heard.sampleRateHz)
        return (
          strongest !== undefined &&
          Math.abs(strongest - hz) <= 20 &&
          shareOf(hz, heard.samples, heard.sampleRateHz) > 0.3 &&
          strongest
        )
      },
      { timeoutMs: o.timeoutMs ?? 10_000, everyMs: 100 },
    )
  }
  /** What its ear heard last, for comparing moments. */
  lastHeard(lastMs: number): ReturnType<GrowingWav['newest']> {
    return this.#ear.newest(lastMs)
  }

  async close(): Promise<void> {
    this.control.close()
    await this.process.close()
  }
}

function configOf(o: BaresipOptions, sipPort: number, controlPort: number): string {
  const ownModules = [
    ...new Set((o.codecs ?? ['pcma', 'pcmu']).map(codec => (codec.startsWith('pcm') ? 'g711' : codec.split('/')[0]))),
    ...(o.mediaEncryption ? ['srtp'] : []),
  ]
  return [
    'poll_method epoll',
    'module_path /usr/lib/baresip/modules',
    `sip_listen 127.0.0.1:${sipPort}`,
    'call_local_timeout 120',
    'call_max_calls 4',
    'audio_path /usr/share/baresip',
    // Nobody plays into the bridge's other end: it is only the clock of the ear.
    'audio_player aubridge,ear',
    `audio_source ausine,${o.saysHz}`,
    'audio_alert aubridge,bell',
    // What the sine needs; it is resampled to the codec's rate.
    'ausrc_srate 48000',
    'ausrc_channels 2',
    'auplay_channels 1',
    'rtp_tos 0',
    'jitter_buffer_delay 2-5',
    'rtcp_mux no',
    ...ownModules.map(name => `module ${name}.so`),
    'module sndfile.so',
    'module aubridge.so',
    'module ausine.so',
    'module_tmp account.so',
    'module_app menu.so',
    'module_app ctrl_tcp.so',
    'module_app debug_cmd.so',
    'ringback_disabled yes',
    'menu_bell no',
    `ctrl_tcp_listen 127.0.0.1:${controlPort}`,
    'snd_path .',
    'net_interface 127.0.0.1',
    ...(o.config ?? []),
    '',
  ].join('\n')
}
