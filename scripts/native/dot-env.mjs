import { readFileSync } from 'node:fs'

/** The variables that decide what is provided; all others are the server's own business, which reads `.env` itself. */
const OURS = /^\s*(?:export\s+)?(MEDIASOUP_WORKER_BIN|FFMPEG_BIN|TONGPING_NODE)\s*=\s*(.*?)\s*$/

/**
 * Node 18 cannot read `.env`, and the server must not be handed our finding over the operator's choice there.
 * @returns {Record<string, string>} without quotes; the environment itself wins over the file, as in Node
 */
export function ownSettings(text, env) {
  const found = {}
  for (const line of text.split('\n')) {
    const [, name, raw] = OURS.exec(line) ?? []
    const value = raw?.replace(/^(['"])(.*)\1$/, '$2')
    if (name && value && !env[name]) found[name] = value
  }
  return found
}

export function readDotEnv(file, env = process.env) {
  try {
    Object.assign(env, ownSettings(readFileSync(file, 'utf8'), env))
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
}
