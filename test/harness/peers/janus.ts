import { globSync } from 'node:fs'
import { freePort } from '../free-port.ts'
import { PeerProcess } from './peer-process.ts'

/** Where its SIP side lives; not the address of our server, and not that of the browser. */
const JANUS_SIP_HOST = '127.0.0.4'

/** Janus, a gateway between WebRTC and SIP not of our making, with nothing but its SIP plugin and its HTTP interface. */
export class Janus {
  readonly url: string
  readonly sipHost = JANUS_SIP_HOST
  readonly process: PeerProcess

  private constructor(url: string, process: PeerProcess) {
    this.url = url
    this.process = process
  }

  static async start(): Promise<Janus> {
    const httpPort = await freePort()
    const [home] = globSync('/usr/lib/*/janus')
    if (!home) throw new Error('janus is missing: apt-get install janus')
    const rtpPort = 48_000 + 100 * Math.floor(Math.random() * 40)
    const process = await PeerProcess.start({
      program: 'janus',
      debianPackage: 'janus',
      files: {
        'janus.jcfg': coreConfig(home),
        'janus.plugin.sip.jcfg': sipConfig(rtpPort),
        'janus.transport.http.jcfg': httpConfig(httpPort),
      },
      args: folder => ['--configs-folder', folder, '--disable-colors'],
    })
    const url = `http://127.0.0.1:${httpPort}`
    await process.ready('its HTTP interface', async () => {
      const info = await fetch(`${url}/janus/info`).catch(() => undefined)
      return info?.ok === true && (await info.text()).includes('janus.plugin.sip')
    })
    return new Janus(url, process)
  }

  close(): Promise<void> {
    return this.process.close()
  }
}

/** All modules of a kind but one. */
const othersThan = (home: string, kind: string, wanted: string) =>
  globSync(`${home}/${kind}/*.so`)
    .map(path => path.slice(path.lastIndexOf('/') + 1))
    .filter(name => name !== wanted)
    .join(',')

const coreConfig = (home: string) => `general: {
  plugins_folder = "${home}/plugins"
  transports_folder = "${home}/transports"
  events_folder = "${home}/events"
  loggers_folder = "${home}/loggers"
  log_to_stdout = true
  debug_level = 4
  debug_timestamps = true
  server_name = "peer"
  session_timeout = 60
  admin_secret = "unused"
}
media: {
  ipv6 = false
}
nat: {
  ice_lite = true
  full_trickle = false
  ice_enforce_list = "127.0.0.1"
}
plugins: {
  disable = "${othersThan(home, 'plugins', 'libjanus_sip.so')}"
}
transports: {
  disable = "${othersThan(home, 'transports', 'libjanus_http.so')}"
}
loggers: {
  disable = "${othersThan(home, 'loggers', '')}"
}
`

const sipConfig = (rtpPort: number) => `general: {
  local_ip = "${JANUS_SIP_HOST}"
  keepalive_interval = 0
  behind_nat = false
  rtp_port_range = "${rtpPort}-${rtpPort + 99}"
}
`

const httpConfig = (port: number) => `general: {
  json = "plain"
  http = true
  ip = "127.0.0.1"
  port = ${port}
  https = false
}
admin: {
  admin_http = false
}
`
