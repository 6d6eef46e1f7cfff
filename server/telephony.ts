import type { SipHandler } from '../signaling/sip/call-leg.ts'
import type { Config } from './config.ts'
import { DeskPhones } from './dialling/desk-phones.ts'
import { DialPolicy } from './dialling/dial-policy.ts'
import { Dialler } from './dialling/dialler.ts'
import type { Lifetime } from './lifetime.ts'
import type { Logger } from './logger.ts'
import { loadSecret } from './secrets.ts'
import { openSip, type Sip } from './sip.ts'
import type { Users } from './store/users.ts'

/** The way into the telephone network and out of it: the SIP side, who may be called through the trunk, the agents' telephones. */
export type Telephony = {
  readonly sip: Sip
  /** Undefined without a trunk. */
  readonly dialler: Dialler | undefined
  readonly phones: DeskPhones
}

/** @throws Error with one line for the operator when a port is taken or the SIP server is not there */
export async function openTelephony(o: {
  config: Config
  secretsDir: string
  handler: SipHandler
  users: Users
  logger: Logger
  life: Lifetime
}): Promise<Telephony> {
  const { trunk, calls } = o.config
  const secret = await loadSecret(o.secretsDir, 'sip-control.key')
  const sip = o.life.add('SIP', await openSip(o.config, o.handler, secret, o.logger))
  const call: Sip['call'] = wanted => sip.call(wanted)
  return {
    sip,
    dialler: trunk && new Dialler({ trunk: trunk.trunk, policy: new DialPolicy(trunk.dial), call }),
    phones: new DeskPhones({ users: o.users, allow: calls.deskPhones, trunk: trunk?.trunk, call }),
  }
}
