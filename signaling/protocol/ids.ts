import * as z from 'zod'

const id = <B extends string>(prefix: string) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}_[0-9a-z]{20}$`))
    .brand<B>()

/** Ids are prefixed so that logs read well, and branded so that a mix-up does not compile. */
export const CallId = id<'CallId'>('call')
export type CallId = z.infer<typeof CallId>
export const LegId = id<'LegId'>('leg')
export type LegId = z.infer<typeof LegId>
export const InviteId = id<'InviteId'>('inv')
export type InviteId = z.infer<typeof InviteId>
export const ParticipantId = id<'ParticipantId'>('part')
export type ParticipantId = z.infer<typeof ParticipantId>
export const PageId = id<'PageId'>('page')
export type PageId = z.infer<typeof PageId>
export const MarkId = id<'MarkId'>('mark')
export type MarkId = z.infer<typeof MarkId>
export const UserId = id<'UserId'>('user')
export type UserId = z.infer<typeof UserId>
export const UploadId = id<'UploadId'>('up')
export type UploadId = z.infer<typeof UploadId>
