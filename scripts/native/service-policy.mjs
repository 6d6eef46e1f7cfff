import { rmSync, writeFileSync } from 'node:fs'

/** Debian asks this program before it starts a service; 101 forbids it. */
const POLICY = '/usr/sbin/policy-rc.d'

/**
 * Until the returned function is called, installing a package starts none of its daemons: tests start what they need
 * themselves, and a stray SIP proxy or one that writes firewall rules does not belong on a developer's machine. A policy
 * that is there already stays as it is.
 */
export function denyServices(file = POLICY) {
  try {
    writeFileSync(file, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' })
  } catch {
    // Somebody else's policy, or no right to make one: then the package does what it always does.
    return () => {}
  }
  return () => rmSync(file, { force: true })
}
