/** A short cause for logs and remarks: the system's code (ENOSPC, EIO, …) where there is one. */
export function errorText(error: unknown): string {
  if (error instanceof Error) return (error as NodeJS.ErrnoException).code ?? error.message
  return String(error)
}
