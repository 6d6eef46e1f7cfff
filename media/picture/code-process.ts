/** The process that looks for codes, forked by CodeReader. */
import { setPriority } from 'node:os'
import { serveJobs } from './serve-jobs.ts'

// Before sharp's threads exist: on Linux each thread inherits the niceness of its creator.
setPriority(10)
const { default: sharp } = await import('sharp')
// Every picture is another one: a cache would only hold memory.
sharp.cache(false)
const { readCodes } = await import('./read-codes.ts')

serveJobs(readCodes, () => 'unreadable')
