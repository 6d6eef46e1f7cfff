/** Where a frozen picture of a call is fetched. */
export function pictureAddress(callId: string, snapshotId: string): string {
  return `/api/calls/${callId}/pictures/${snapshotId}`
}
