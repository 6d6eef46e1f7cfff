import { freePort } from '../free-port.ts'
import { BaresipControl, type BaresipEvent } from './baresip-control.ts'
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

const EAR = 'ear'

/**
 * baresip, a telephone not of our making, driven over its control connection. Its microphone is a sine. What it hears is
 * known by letting it say that back: its filter that writes files ends with the first hold (1.0.0), and it has no player
 * that does.
 */
export class Baresip {
  readonly sipPort: number
  readonly number: string
  readonly control: BaresipControl
  readonly process: PeerProcess
  readonly #transport: string
  readonly #saysHz: number

  private constructor(o: {
    sipPort: number
    number: string
    transport: string
    saysHz: number
    control: BaresipControl
    process: PeerProcess
  }) {
    this.sipPort = o.sipPort
    this.number = o.number
    this.#transport = o.transport
    this.#saysHz = o.saysHz
    this.control = o.control
    this.process = o.process
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
    if (o.registrar) await process.ready('its registration', () => /200 OK.*binding/.test(process.output))
    return new Baresip({ sipPort, number, transport, saysHz: o.saysHz, control, process })
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
  /** Resolves when somebody calls it. */
  async rings(): Promise<void> {
    await this.control.event('CALL_INCOMING')
  }
  async accept(): Promise<void> {
    await this.control.command('accept')
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

  /** From now on it says what it hears, or its own tone again. */
  async echo(on: boolean): Promise<void> {
    // Whoever leaves the bridge takes the other end off it too.
    if (on) await this.control.command('auplay', `aubridge,${EAR}`)
    await this.control.command('ausrc', on ? `aubridge,${EAR}` : `ausine,${this.#saysHz}`)
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
    // The microphone may be joined to the bridge's other end: then it says what it hears.
    `audio_player aubridge,${EAR}`,
    `audio_source ausine,${o.saysHz}`,
    'audio_alert aubridge,bell',
    // What the sine needs; it is resampled to the codec's rate.
    'ausrc_srate 48000',
    'ausrc_channels 2',
    // The same for the ear: then the bridge can join both.
    'auplay_srate 48000',
    'auplay_channels 2',
    'rtp_tos 0',
    'jitter_buffer_delay 2-5',
    'rtcp_mux no',
    ...ownModules.map(name => `module ${name}.so`),
    'module aubridge.so',
    'module ausine.so',
    'module_tmp account.so',
    'module_app menu.so',
    'module_app ctrl_tcp.so',
    'module_app debug_cmd.so',
    'ringback_disabled yes',
    'menu_bell no',
    `ctrl_tcp_listen 127.0.0.1:${controlPort}`,
    'net_interface 127.0.0.1',
    ...(o.config ?? []),
    '',
  ].join('\n')
}
