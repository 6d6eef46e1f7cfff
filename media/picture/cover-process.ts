/** The process that covers regions of pictures, forked by PictureCover. */
import { setPriority } from 'node:os'
import type { CoveredPicture, CoverJob } from './cover-picture.ts'
import { serveJobs } from './serve-jobs.ts'

// Before sharp's threads exist: on Linux each thread inherits the niceness of its creator.
setPriority(15)
const { default: sharp } = await import('sharp')
sharp.cache(false)
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({ operation: ['Jpeg', 'Png', 'Webp'].map(format => `VipsForeignLoad${format}Buffer`) })
const { coverPicture } = await import('./cover-picture.ts')

serveJobs<CoverJob, CoveredPicture>(coverPicture, () => 'undecodable')
