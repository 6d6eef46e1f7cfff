/** The process that reads PDFs, forked by PdfRenderer. */
import { setPriority } from 'node:os'
import { PdfError } from './pdf-error.ts'
import { serveJobs } from './serve-jobs.ts'

// Before sharp's threads exist: on Linux each thread inherits the niceness of its creator.
setPriority(10)
const { boundWasmMemory, readPdf } = await import('./pdf-pages.ts')
boundWasmMemory()

serveJobs(readPdf, error => (error instanceof PdfError ? error.reason : 'too-complex'))
