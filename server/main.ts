import { App } from './app.ts'
import { addSamples } from './assist/library-samples.ts'
import { banner } from './banner.ts'
import { decideConfig } from './config.ts'
import { ConfigError, readEnv } from './env.ts'
import { createLogger } from './logger.ts'

/**
 * Starts the server. SIGTERM drains (no new calls, running ones may finish), SIGINT stops now (calls are ended and
 * sealed). The process ends by itself when everything is closed; a second signal of the same kind hastens nothing.
 */
async function main(): Promise<void> {
  try {
    process.loadEnvFile('.env')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const config = decideConfig(readEnv(process.env), process.cwd())
  const logger = createLogger({ level: config.logLevel })
  const demo = process.argv.includes('--demo')
  const app = await App.create(config, logger)
  if (demo) await addSamples(app.library)
  process.stdout.write(`${await banner(app, demo)}\n`)

  const stopping = new AbortController()
  const simulated = demo ? await startSimulatedCaller(app, logger, stopping.signal) : undefined
  const stop = async (drainMs: number) => {
    if (stopping.signal.aborted && drainMs > 0) return
    stopping.abort()
    simulated?.close()
    try {
      if (drainMs > 0) await app.drain(drainMs)
      await app.close()
      logger.info({}, 'stopped')
    } catch (error) {
      logger.error({ err: error }, 'not everything closed')
      process.exitCode = 1
    }
  }
  process.on('SIGTERM', () => {
    logger.info({}, 'draining: no new calls')
    void stop(config.calls.drainMs)
  })
  process.on('SIGINT', () => void stop(0))
}

async function startSimulatedCaller(app: App, logger: ReturnType<typeof createLogger>, signal: AbortSignal) {
  const { startSimulatedCaller: start } = await import('../scripts/simulated-caller/simulated-caller.ts')
  if (signal.aborted) return undefined
  return start({ sipAddress: app.addresses.sip, logger })
}

try {
  await main()
} catch (error) {
  // One clear line for the operator; the cause only when it is a fault of ours.
  const known = error instanceof ConfigError || (error instanceof Error && error.cause !== undefined)
  process.stderr.write(`tongping cannot start: ${error instanceof Error ? error.message : String(error)}\n`)
  if (!known && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  process.exitCode = 1
}
