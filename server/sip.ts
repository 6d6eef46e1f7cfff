import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { AddressList } from '../signaling/sip/address-list.ts'
import type { SipHandler } from '../signaling/sip/call-leg.ts'
import { SipServer } from '../signaling/sip/embedded/sip-server.ts'
import { SipDoor, SipServerUnreachable } from '../signaling/sip/sip-door.ts'
import type { TrunkState } from '../signaling/sip/trunk-line.ts'
import type { Config } from './config.ts'
import type { Logger } from './logger.ts'

/** The SIP side of the house: our door, and behind it either the embedded server or a drachtio-server. */
export type Sip = {
  /** `host:port` a phone calls. */
  readonly address: string
  readonly connected: boolean
  /** Calls somebody. @throws CallFailed */
  readonly call: SipDoor['call']
  /** How the trunk stands; undefined without one. */
  trunk(): TrunkState | undefined
  stats(): Record<string, number>
  close(): Promise<void>
}

export async function openSip(
  config: Config,
  handler: SipHandler,
  embeddedSecret: string,
  logger: Logger,
): Promise<Sip> {
  if (config.sip.kind === 'drachtio') {
    const { host, port, secret } = config.sip
    const door = await openDoor({
      control: { host, port, secret },
      handler,
      logger,
      trunkAllowList: config.trunks,
      recorderAllowList: config.external.siprec?.clients,
    })
    return {
      ...wayOut(door, config),
      address: reachable(door.hostports, config.http.lanAddress),
      get connected() {
        return door.connected
      },
      stats: () => ({ ...numbersOf(door.stats()), ...trunkNumbers(door) }),
      close: () => door.close(),
    }
  }
  const { host, port, externalAddress, rport, auth, tls, limits } = config.sip
  const trunks = new AddressList(config.trunks)
  const recorders = new AddressList(config.external.siprec?.clients ?? [])
  const { requestsPerSource } = limits
  let door: SipDoor | undefined
  const mayCall = (address: string) =>
    trunks.has(address) || (!recorders.isEmpty && recorders.has(address)) || door?.isTrunk(address) === true
  const server = await listenOnBoth({ host, port, tlsPort: tls?.port }, both =>
    SipServer.create({
      control: { host: '127.0.0.1', port: 0, secret: embeddedSecret },
      listen: tls === undefined ? both : [...both, { protocol: 'tls' as const, host, port: tls.port }],
      ...(tls !== undefined && { tls }),
      rport,
      admission: {
        ...(!trunks.isEmpty && { allow: mayCall }),
        scanners: { action: 'discard' },
        ...(requestsPerSource !== undefined && {
          perSource: { perSecond: requestsPerSource, burst: requestsPerSource * 3 },
        }),
        overload: limits,
      },
      ...(externalAddress !== undefined && { externalAddress }),
      ...(auth && {
        auth: {
          realm: auth.realm,
          users: user => {
            const password = auth.users.get(user)
            return password === undefined ? undefined : { password }
          },
        },
      }),
      logger,
    }),
  )
  try {
    const control = { host: '127.0.0.1', port: server.controlPort, secret: embeddedSecret }
    const opened = await SipDoor.create({
      control,
      handler,
      logger,
      trunkAllowList: config.trunks,
      recorderAllowList: config.external.siprec?.clients,
    })
    door = opened
    return {
      ...wayOut(opened, config),
      address: reachable(server.hostports, externalAddress ?? config.http.lanAddress),
      get connected() {
        return opened.connected
      },
      stats: () => ({ ...sums(numbersOf(server.stats()), numbersOf(opened.stats())), ...trunkNumbers(opened) }),
      close: async () => {
        await opened.close()
        await server.close()
      },
    }
  } catch (error) {
    await server.close()
    throw error
  }
}

/** @throws Error with one line for the operator */
async function openDoor(o: Parameters<typeof SipDoor.create>[0]): Promise<SipDoor> {
  try {
    return await SipDoor.create(o)
  } catch (error) {
    if (!(error instanceof SipServerUnreachable)) throw error
    const place = `${o.control.host}:${o.control.port}`
    throw new Error(`TONGPING_DRACHTIO_HOST: no drachtio-server at ${place} (${error.message})`, { cause: error })
  }
}

/** 1 and 0, as Prometheus likes it. */
function trunkNumbers(door: SipDoor): Record<string, number> {
  const [line] = door.stats().trunks
  if (line === undefined) return {}
  return {
    trunkRegistered: Number(line.registration === 'registered'),
    trunkReachable: Number(line.reachable !== false),
  }
}

function wayOut(door: SipDoor, { trunk }: Config): Pick<Sip, 'call' | 'trunk'> {
  const line = trunk && door.openTrunk(trunk.trunk, trunk.line)
  return { call: call => door.call(call), trunk: () => line?.state }
}

type Listen = { readonly protocol: 'udp' | 'tcp'; readonly host: string; readonly port: number }

const FREE_PORT_TRIES = 10

/** UDP and TCP on the same port. Port 0 (tests) looks for one that is free for both. */
async function listenOnBoth<T>(
  o: { host: string; port: number; tlsPort: number | undefined },
  open: (both: Listen[]) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const port = o.port === 0 ? await freeTcpPort(o.host) : o.port
    try {
      return await open([
        { protocol: 'udp', host: o.host, port },
        { protocol: 'tcp', host: o.host, port },
      ])
    } catch (error) {
      const { code, port: taken } = error as NodeJS.ErrnoException & { port?: number }
      if (code !== 'EADDRINUSE') throw error
      if (taken !== undefined && taken === o.tlsPort)
        throw new Error(`TONGPING_SIP_TLS_PORT: port ${taken} is taken by another program`, { cause: error })
      if (o.port === 0 && attempt < FREE_PORT_TRIES) continue
      throw new Error(`TONGPING_SIP_PORT: port ${port} is taken by another program`, { cause: error })
    }
  }
}

async function freeTcpPort(host: string): Promise<number> {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** `udp/0.0.0.0:5060` as something a phone on the network can dial. */
function reachable(hostports: readonly string[], address: string): string {
  const udp = hostports.find(one => one.startsWith('udp/')) ?? hostports[0] ?? ''
  return udp.replace(/^\w+\//, '').replace(/^(0\.0\.0\.0|\[::\]|::)(?=:)/, address)
}

/** Server and door count some things under the same name: strangers are turned away by either. */
function sums(a: Record<string, number>, b: Record<string, number>): Record<string, number> {
  const sum = { ...a }
  for (const [name, value] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + value
  return sum
}

function numbersOf(stats: object): Record<string, number> {
  return Object.fromEntries(
    Object.entries(stats).filter((pair): pair is [string, number] => typeof pair[1] === 'number'),
  )
}
