import { ConfigError, type Env } from '../env.ts'

/** Recording clients (SIPREC) that hand us both voices of calls held elsewhere. */
export type SiprecChoice = {
  /** Addresses and CIDR ranges. */
  readonly clients: readonly string[]
  /** Whose telephone is which agent's: user part of an address of record, `*` for any end; agent's sign-in name. */
  readonly agents: readonly { readonly pattern: string; readonly agent: string }[]
}

/** @throws ConfigError */
export function decideSiprec(env: Env): SiprecChoice | undefined {
  const { TONGPING_SIPREC_CLIENTS: clients, TONGPING_SIPREC_AGENTS: agents } = env
  if (clients === undefined) {
    if (agents !== undefined) throw new ConfigError('TONGPING_SIPREC_AGENTS needs TONGPING_SIPREC_CLIENTS')
    return undefined
  }
  return {
    clients,
    agents: (agents ?? []).map(pair => {
      const [pattern = '', agent = '', more] = pair.split('=').map(part => part.trim())
      if (pattern === '' || agent === '' || more !== undefined)
        throw new ConfigError('TONGPING_SIPREC_AGENTS must read 1001=name,1002=name')
      return { pattern, agent: agent.toLowerCase() }
    }),
  }
}
