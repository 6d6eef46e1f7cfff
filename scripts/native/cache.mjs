import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/** What is made once per machine lives outside the checkout, so that a fresh clone finds it again. */
export function cacheFolder(env = process.env, home = homedir()) {
  const base = env.XDG_CACHE_HOME
  // The XDG base directory specification: a relative path is to be ignored.
  return join(base && isAbsolute(base) ? base : join(home, '.cache'), 'tongping')
}
