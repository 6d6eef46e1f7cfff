import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { freePort } from '../free-port.ts'
import { until } from '../until.ts'
import { PeerProcess } from './peer-process.ts'

const SCENARIOS = resolve(import.meta.dirname, '../../e2e/sipp')
const LOG = 'said.log'
const MESSAGES = 'messages.log'

/** One call of sipp by a scenario of our own (test/e2e/sipp). The voice it gets it sends back. */
export class Sipp {
  readonly process: PeerProcess

  private constructor(process: PeerProcess) {
    this.process = process
  }

  static async start(o: {
    scenario: string
    number: string
    server: { sipHost: string; sipPort: number }
    transport?: 'udp' | 'tcp'
    /** What the scenario plays by rtp_stream, and the port it sends from. */
    files?: Readonly<Record<string, Buffer>>
  }): Promise<Sipp> {
    const voicePort = 36_000 + 4 * Math.floor(Math.random() * 800)
    const sipPort = await freePort()
    const process = await PeerProcess.start({
      program: 'sipp',
      debianPackage: 'sip-tester',
      files: o.files ?? {},
      args: folder => [
        ...[
          '-sf',
          join(SCENARIOS, `${o.scenario}.xml`),
          '-s',
          '4008001234',
          '-key',
          'caller',
          o.number,
          '-m',
          '1',
          '-nostdin',
        ],
        ...['-i', '127.0.0.1', '-p', `${sipPort}`, '-t', o.transport === 'tcp' ? 't1' : 'u1'],
        ...['-mi', '127.0.0.1', '-mp', `${voicePort}`, '-rtp_echo'],
        ...['-trace_logs', '-log_file', join(folder, LOG), '-trace_msg', '-message_file', join(folder, MESSAGES)],
        ...['-trace_err', '-error_file', join(folder, 'errors.log')],
        ...['-timeout', '60s', '-timeout_error'],
        `${o.server.sipHost}:${o.server.sipPort}`,
      ],
    })
    return new Sipp(process)
  }

  /** Resolves when the scenario has come to that word; rejects with what went wrong when sipp leaves before. */
  async says(word: string): Promise<void> {
    await until(
      `"${word}" of sipp`,
      async () => {
        if ((await this.#read(LOG)).includes(word)) return true
        if (this.process.isGone) throw new Error(`sipp left before "${word}": ${await this.errors()}`)
        return false
      },
      { timeoutMs: 20_000 },
    )
  }

  /** What was sent and received, whole. */
  messages(): Promise<string> {
    return this.#read(MESSAGES)
  }
  async errors(): Promise<string> {
    return (await this.#read('errors.log')).slice(-2000)
  }
  /** 0 when every message came as the scenario expects. */
  left(): Promise<number | undefined> {
    return this.process.left()
  }
  close(): Promise<void> {
    return this.process.close()
  }

  #read(name: string): Promise<string> {
    return readFile(join(this.process.folder, name), 'utf8').catch(() => '')
  }
}
